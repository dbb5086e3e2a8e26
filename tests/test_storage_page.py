"""The page on object storage: its code and commands run on an S3-compatible server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

import rutterframe as rf
from rutterframe import cli
from tests.conftest import settings_of
from tests.s3_server import S3Server

PAGE = (Path(rf.__file__).parent.parent / "docs/howto/storage.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
#: What differs from case to case in an error.
VALUES = re.compile(r"'[^']*'|https?://\S+|: it is.*|AWS_\w+|in the environment|write|\(403.*")
COMMANDS = re.findall(r"^rutterframe (.+)$", PAGE, re.MULTILINE)


def test_the_page(s3_server: S3Server, s3_bucket: str) -> None:
    """Each block of code and each command runs, with keys in the environment; each file is in the bucket."""
    assert (len(CODE), len(COMMANDS)) == (2, 4)
    names: dict[str, Any] = {}
    for block in CODE:
        exec(block.replace("s3://ledger", s3_bucket), names)  # noqa: S102 - that it runs is the point
    with names["client"] as client:
        for command in COMMANDS:
            words = command.replace("s3://ledger", s3_bucket).split()
            result = CliRunner().invoke(cli.app, words, env={**settings_of(client.server), "COLUMNS": "80"})
            assert result.exit_code == 0, result.output
    listed = s3_server.client().list_objects_v2(Bucket=s3_bucket.removeprefix("s3://"))["Contents"]
    files = [one["Key"] for one in listed if not one["Key"].startswith(("books/", "all/"))]
    assert files == [
        "2026-06/aging.xlsx", "2026-06/invoices.parquet", "2026-06/month-end.html", "2026-06/month-end.xlsx",
        "aging.html", "aging.xlsx", "invoices.csv",
    ]  # fmt: skip


def test_the_sentences_of_the_page() -> None:
    """The errors on the page are those of the code, as far as they do not depend on a setting."""
    code = "".join(
        (Path(rf.__file__).parent / f"storage/{name}.py").read_text(encoding="utf-8")
        for name in ("errors", "options")
    )
    rows = re.findall(r"^\| .* \| (.+) \|$", PAGE.partition("## Errors")[2], re.MULTILINE)[2:]
    assert len(rows) == 10
    for row in rows:
        words = max(VALUES.split(row), key=len).strip()
        assert words in code, row
