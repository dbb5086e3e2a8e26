"""Damaged files and texts (rates, businesses, results to resume, receipts, targets) raise errors of ours."""

from __future__ import annotations

import copy
import json
import math
import os
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pyarrow.parquet as pq
import pytest

import rutterframe as rf
from rutterframe.connect import read_businesses
from tests.conftest import AT_ONCE

#: Texts that break parsers: controls, other alphabets and digits, marks, quotes, numbers, nesting.
PIECES = [
    "", " ", "\n", "\r", "\r\n", "\t", "\x00", "\x0b", "\x0c", "\x1b[2J", "\x85", "\u2028", "\u202e",
    "\ufeff", "\ud83d", '"', '""', "'", ",", ";", "|", ":", "{", "}", "[", "]", "null", "NaN", "inf", "-inf",
    "-0", "0", "1", "1e400", "1e-400", "1_000", "1,0825", "\uff11", "\u0663", "9" * 5000, "0x10", "True",
    "EUR", "eur", "USD", "XXX", "2026-06-30", "2026-02-30", "0000-00-00", "9999-12-31", "99999-01-01",
    "currency", "rate", "date", "currency,rate,date\n", "EUR,1.0825,2026-06-30\n", "é", "日本", "x" * 200_000,
    "[" * 100_000,
    '{"a": ["b"]}', '"a": ["b"]', "\\ud800", "=1+1", "#", "//", "..", "../x",
]  # fmt: skip
#: Values that no column or receipt expects.
VALUES = [
    None,
    True,
    7,
    -1,
    1e300,
    math.nan,
    "",
    "x",
    [],
    {},
    ["x", 7],
    {"x": None},
    "9" * 5000,
    b"x",
    pd.NaT,
]


def garbled(text: str, rng: random.Random) -> str:
    """Change a text at one to four places."""
    for _ in range(rng.randint(1, 4)):
        at, end = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        text = rng.choice(
            [
                text[:at] + rng.choice(PIECES) + text[at:],
                text[:at] + rng.choice(PIECES) + text[end:],
                text[:at] + text[end:],
                text + text[at:end],
            ]
        )
    return text


def foreign(call: Callable[[], Any], expected: tuple[type[BaseException], ...]) -> str:
    """Return the exception of a call that nothing documents; empty text if there is none."""
    try:
        call()
    except expected as error:
        # Subclasses that only a library raises, such as JSONDecodeError, are as foreign as others.
        known = type(error).__module__.startswith("rutterframe") or type(error) in expected
        return "" if known else repr(error)[:300]
    except BaseException as error:  # noqa: BLE001 - that is what is searched for
        return repr(error)[:300]
    return ""


RATES = "currency,rate,date\nEUR,1.0825,2026-06-30\nGBP,1.27,2026-06-30\n"


@pytest.mark.slow
def test_any_file_of_rates(tmp_path: Path) -> None:
    """1,000 garbled files of rates, as text or bytes, are read or refused with a ValueError."""
    rng, file, problems = random.Random(1), tmp_path / "rates.csv", []  # noqa: S311 - not a secret
    for _ in range(1000):
        content = garbled(RATES, rng).encode(rng.choice(["utf-8", "utf-16", "utf-7"]), "surrogatepass")
        if rng.random() < 0.3:
            content = content[: rng.randrange(len(content) + 1)] + rng.randbytes(3)
        file.write_bytes(content)
        problems.append(foreign(lambda: check_rates(rf.reports.read_rates(file, "USD")), (ValueError,)))
    assert [problem for problem in problems if problem] == []


def check_rates(rates: pd.DataFrame) -> None:
    assert all(0 < rate < math.inf for rate in rates["rate"])
    assert rates["date"].notna().all()


def test_any_path_of_rates(tmp_path: Path) -> None:
    """A folder, a link to itself, a path with a NUL, and what is not a path are refused."""
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    paths: list[Any] = [
        tmp_path,
        tmp_path / "loop.csv",
        "a\x00b",
        "x" * 5000,
        "",
        "\ud83d",
        tmp_path / "a" / "b",
    ]
    for path in paths:
        with pytest.raises(ValueError, match=r"cannot be read as a CSV file of rates|there is no file"):
            rf.reports.read_rates(path, "USD")
    nothing: Any
    for nothing in (7, None, b"x", []):
        with pytest.raises(TypeError):
            rf.reports.read_rates(nothing, "USD")


@pytest.mark.slow
def test_any_text_of_businesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """1,000 garbled texts of RUTTER_BUSINESSES are read or refused with a ConfigurationError."""
    rng, problems = random.Random(2), []  # noqa: S311 - not a secret
    for _ in range(1000):
        text = garbled('{"Roaster": ["roaster-quickbooks", "roaster-bank"], "Gear": ["gear-xero"]}', rng)
        monkeypatch.setattr(os, "environ", {"RUTTER_BUSINESSES": text})
        problems.append(foreign(read_businesses, (rf.ConfigurationError,)))
    assert [problem for problem in problems if problem] == []


@pytest.mark.slow
def test_any_result_to_resume() -> None:
    """1,000 damaged results are read or refused; no record with an id is sent again."""
    frame = pd.DataFrame({"number": ["A-1", "A-2", "A-3"], "vendor_id": "v", "total_amount": [1.0, 2.0, 3.0]})
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"id": f"id-{len(sent)}"})

    with rf.Client(
        client_id="an-id", client_secret="a-secret", access_tokens={"books": "t"}, rate_limit=None,
        retry=AT_ONCE, transport=httpx.MockTransport(answer),
    ) as client:  # fmt: skip
        bills = client.connection("books").bills
        lines, new = frame[["number", "total_amount"]], frame.drop(columns="total_amount")
        first = bills.create_many(new, lines, key="number", dry_run=False)
        assert first["status"].tolist() == ["created"] * 3
        rng, problems = random.Random(3), []  # noqa: S311 - not a secret
        for _ in range(1000):
            damaged = damaged_frame(first, rng)
            create = partial(bills.create_many, new, lines, key="number", dry_run=False, resume=damaged)
            problems.append(foreign(create, (rf.InvalidDraft,)))
    assert [problem for problem in problems if problem] == []
    assert len(sent) == 3


def damaged_frame(frame: pd.DataFrame, rng: random.Random) -> Any:
    """Damage a frame that holds a record of what was created; its ids stay, or its statuses do."""
    cells = frame.astype(object).to_numpy()
    columns = [
        "connection_id",
        "record",
        "error",
        "idempotency_key",
        "fingerprint",
        rng.choice(["id", "status"]),
    ]
    for _ in range(rng.randint(1, 4)):
        cells[rng.randrange(3), frame.columns.get_loc(rng.choice(columns))] = rng.choice(VALUES)
    damaged = pd.DataFrame(cells, columns=frame.columns)
    change = rng.randrange(8)
    if change == 0:
        damaged = pd.concat([damaged, damaged.iloc[: rng.randint(1, 3)]])
    elif change == 1:
        damaged = damaged.drop(columns=rng.choice(columns))
    elif change == 2:
        damaged = damaged.rename(columns={"record": "connection_id"})
    elif change == 3:
        damaged = pd.concat([damaged, damaged[["record"]]], axis="columns")
    elif change == 4:
        return rng.choice(VALUES[1:])
    return damaged


@pytest.mark.slow
def test_any_receipt() -> None:
    """400 damaged receipts, as a Parquet file may hold them, are shown or refused by all that read one."""
    with rf.demo() as client:
        loaded = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    rng, problems = random.Random(4), []  # noqa: S311 - not a secret
    reason = {"connection_id": "roaster-bank", "record_id": "7", "field": "balance", "reason": "not a number"}
    original = json.dumps({**loaded.attrs["receipt"], "refused": [reason], "rows_refused": 1})
    for number in range(400):
        record = json.loads(original)
        for _ in range(rng.randint(1, 3)):
            refused = record.get("refused")
            parts = [record.get("per_connection"), *(refused if isinstance(refused, list) else [])]
            parts += list(parts[0].values()) if isinstance(parts[0], dict) else []
            target = rng.choice([record, *(part for part in parts if isinstance(part, dict))])
            name = rng.choice([*target, "x", 7])
            if rng.random() < 0.3:
                target.pop(name, None)
            else:
                target[name] = copy.deepcopy(rng.choice(VALUES))
        frame = loaded.copy()
        frame.attrs["receipt"] = record
        uses = USES if number % 20 else [*USES, _check]
        problems += [foreign(partial(use, frame), (ValueError, TypeError)) for use in uses]
    assert [problem for problem in problems if problem] == []


def _check(frame: pd.DataFrame) -> object:
    return rf.check({"bank_accounts": frame})


#: What reads the receipt of a frame.
USES: list[Callable[[pd.DataFrame], object]] = [
    lambda frame: rf.receipt(frame)._repr_html_(),
    lambda frame: repr(rf.receipt(frame)),
    lambda frame: rf.receipt(frame.head(1)),
    rf.reports.cash_position,
]


def test_any_target_of_a_frame(tmp_path: Path) -> None:
    """Folders, links, pipes, missing and protected folders, odd names: written whole, or refused."""
    frame = pd.DataFrame({"id": ["1"]})
    for ending in (".parquet", ".csv", ".xlsx"):
        folder = tmp_path / ending[1:]
        folder.mkdir()
        (folder / f"folder{ending}").mkdir()
        (folder / f"loop{ending}").symlink_to(f"loop{ending}")
        (folder / f"lost{ending}").symlink_to("missing/x")
        (folder / "file").write_text("x")
        os.mkfifo(folder / f"pipe{ending}")
        names = [
            f"folder{ending}", f"loop{ending}", f"lost{ending}", f"pipe{ending}", f"file/x{ending}",
            f"no/x{ending}", f"a\x00{ending}", "x" * 300 + ending, f"\ud83d{ending}", f"\n{ending}",
            f"ok{ending.upper()}", "", ".", ending, f"x{ending}.txt", f"ü ?#%20{ending}", f"con{ending}",
            f"-{ending}", f"~{ending}",
        ]  # fmt: skip
        problems = [foreign(partial(rf.write_frame, frame, folder / name), (ValueError,)) for name in names]
        assert [problem for problem in problems if problem] == []
        assert not list(folder.glob(".rutterframe-*"))
        assert len(pq.read_table(tmp_path / "parquet" / "ok.PARQUET")) == 1
