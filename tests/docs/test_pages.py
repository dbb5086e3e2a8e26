"""Every page of the documentation runs: its code prints what the page shows, its commands have such options.

A page's Python blocks run in order in one namespace, in a folder of their own, after these lines::

    import pandas as pd
    import rutterframe as rf

    client = rf.demo()
    books = rf.load_books(client, progress=False)

A ``text`` block directly below one is exactly what it prints. A block that cannot run has a MyST comment
above it, ``% not run: REASON``, and is compiled.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from tests.docs.pages import (
    UsageError,
    blocks_of,
    check_command,
    check_mention,
    commands_of,
    mentions_of,
    run_page,
)

ROOT = Path(rf.__file__).parent.parent
DOCS = ROOT / "docs"
#: Folders of pages that are generated.
GENERATED = {"generated", "notebooks"}
PAGES = sorted(
    path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if not GENERATED & set(path.parts)
)
#: Pages with a test of their own, which runs their code.
OWN_TESTS = {
    "howto/databases.md": "tests/test_databases_page.py",
    "howto/engines.md": "tests/dataset/test_engines_page.py",
    "howto/extend-check.md": "tests/extensions/test_pages.py",
    "howto/extend-dialect.md": "tests/extensions/test_pages.py",
    "howto/extend-field.md": "tests/extensions/test_pages.py",
    "howto/extend-report.md": "tests/extensions/test_pages.py",
    "howto/pandas.md": "tests/test_pandas_page.py",
    "howto/schedule.md": "tests/test_schedule_page.py",
    "howto/storage.md": "tests/test_storage_page.py",
    "howto/webhooks.md": "tests/test_webhooks_page.py",
}
#: Pages that load all books several times: `make test-all` runs them, `make test` does not.
LONG = {"howto/live-dialect.md", "howto/month-end.md", "howto/reports.md", "howto/views.md"}
#: Pages that take more than a second.
SLOW = {
    "explanation/accuracy.md",
    "explanation/agrees.md",
    "explanation/as-of.md",
    "explanation/complete.md",
    "explanation/datasets.md",
    "explanation/revenue.md",
    "howto/businesses.md",
    "howto/dataset.md",
    "howto/load.md",
    "howto/notebooks.md",
    "index.md",
    "start/ten-lines.md",
}


@pytest.fixture(scope="session")
def books() -> rf.Books:
    """The demo's books, loaded once for all pages."""
    with rf.demo() as client:
        return rf.load_books(client, progress=False)


@pytest.fixture
def names(books: rf.Books) -> Iterator[dict[str, Any]]:
    """Return the names that a page begins with; the demo is the page's own, so that it may write."""
    with rf.demo() as client:
        yield {"__name__": "page", "pd": pd, "rf": rf, "client": client, "books": books}


def cases() -> list[Any]:
    """Return the pages with Python blocks that run by themselves."""
    return [
        pytest.param(
            page, marks=pytest.mark.long if page in LONG else pytest.mark.slow if page in SLOW else ()
        )
        for page in PAGES
        if page not in OWN_TESTS
        and any(block.language == "python" for block in blocks_of((DOCS / page).read_text(encoding="utf-8")))
    ]


@pytest.mark.parametrize("page", cases())
def test_pages_run(page: str, names: dict[str, Any]) -> None:
    """The Python blocks of a page run in order, and print what the page shows."""
    run_page(DOCS / page, names)


@pytest.mark.parametrize("page", ["../README.md", "../CONTRIBUTING.md", *PAGES])
def test_commands_have_such_options(page: str) -> None:
    """Each ``rutterframe …`` of a page has a command, options and choices that exist."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for words in mentions_of(text):
        check_mention(words)
    for block in blocks_of(text):
        if block.language == "bash":
            for words in commands_of(block):
                check_command(words)


@pytest.mark.parametrize("page", sorted(SLOW | LONG))
def test_marked_pages_exist(page: str) -> None:
    """A page that is marked as slow exists, and runs here."""
    assert page in PAGES
    assert page not in OWN_TESTS


@pytest.mark.parametrize(("page", "module"), OWN_TESTS.items())
def test_own_tests_exist(page: str, module: str) -> None:
    """A page that does not run here is one that its own test names."""
    assert page in PAGES
    assert f"docs/{page}" in (ROOT / module).read_text(encoding="utf-8")


def write(folder: Path, text: str) -> Path:
    """Write a page."""
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    return page


def test_blocks_share_their_names(tmp_path: Path) -> None:
    """Blocks run in order in one namespace, also those of directives and lists, and output is compared."""
    page = write(
        tmp_path,
        "```python\na = 1\n```\n\n:::{note}\n```{code-block} python\na += 1\n```\n:::\n\n"
        "````{tab-set}\n```python\na += 1\n```\n````\n\n1. Then\n   ```python\n   print(a)\n   ```\n\n"
        "   ```text\n   3\n   ```\n",
    )
    assert run_page(page, {}) == 4


def test_options_of_a_directive_are_not_code() -> None:
    """The options of a directive are not a part of its code, and count as lines of the page."""
    (block,) = blocks_of("```{code-block} python\n:caption: a\n:name: b\n\nprint(1)\n```\n")
    assert (block.code, block.line) == ("print(1)\n", 5)


def test_a_wrong_output_fails(tmp_path: Path) -> None:
    """A page that shows another output fails, with its line."""
    page = write(tmp_path, "Text\n\n```python\nprint(1)\n```\n\n```text\n2\n```\n")
    with pytest.raises(AssertionError, match=r"page\.md:4: other output"):
        run_page(page, {})


def test_a_missing_output_is_not_compared(tmp_path: Path) -> None:
    """A text block after a sentence is not the output of the code before it."""
    assert run_page(write(tmp_path, "```python\nprint(1)\n```\n\nA file:\n\n```text\n2\n```\n"), {}) == 1


def test_an_error_fails(tmp_path: Path) -> None:
    """A block that raises fails the page."""
    with pytest.raises(ZeroDivisionError):
        run_page(write(tmp_path, "```python\n1 / 0\n```\n"), {})


def test_blocks_that_are_not_run(tmp_path: Path) -> None:
    """A block that is not run needs a reason, and is compiled."""
    assert run_page(write(tmp_path, "% not run: needs a Spark cluster\n\n```python\n1 / 0\n```\n"), {}) == 0
    with pytest.raises(AssertionError, match="why is the block not run"):
        run_page(write(tmp_path, "% not run: Spark\n```python\n1 / 0\n```\n"), {})
    with pytest.raises(SyntaxError):
        run_page(write(tmp_path, "% not run: needs a Spark cluster\n```python\n1 /\n```\n"), {})


def test_commands_are_read() -> None:
    """Commands are read past variables, comments, pipes, redirections and continued lines."""
    (block,) = blocks_of(
        "```bash\nA=1 rutterframe report aging --as-of 2026-06-30 2> log | head # rutterframe no\n"
        "ls && rutterframe \\\n  status books > x\n```\n"
    )
    commands = list(commands_of(block))
    assert commands == [["report", "aging", "--as-of", "2026-06-30"], ["status", "books"]]


@pytest.mark.parametrize(
    "command",
    [
        "report aging --as-off 2026-06-30",
        "report aging --format parquet",
        "reports aging",
        "refresh",
        "--no-such-option",
    ],
)
def test_invalid_commands_fail(command: str) -> None:
    """A command, an option or a choice that does not exist is an error."""
    with pytest.raises(UsageError):
        check_command(command.split())


def test_mentions_are_read() -> None:
    """A command in the prose is read, and one that does not exist, or has no such option, is an error."""
    assert [*mentions_of("Run `rutterframe status PATH --max-age 26h`, not ``rutterframe``.")] == [
        ["status", "PATH", "--max-age", "26h"]
    ]
    check_mention(["status", "PATH", "--max-age", "26h"])
    for words in (["stat"], ["status", "--max-years", "2"]):
        with pytest.raises(UsageError):
            check_mention(words)
