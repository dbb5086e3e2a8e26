"""A data check of another package: among the findings, in the table, with its name in its own errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.extensions.checks import Check, FrameSet, Matches, Severity
from rutterframe.quality import CHECKS, all_checks, checks_table
from rutterframe.quality.own import check_check

CUSTOMERS = pd.DataFrame(
    {"connection_id": ["c", "c", "d"], "id": ["1", "2", "1"], "phone": [None, "+1", None]}, dtype="str"
)
INVOICES = pd.DataFrame(
    {
        "connection_id": ["c", "c", "c", "c"],
        "id": ["a", "b", "c", "d"],
        "customer_id": ["1", "1", "2", "1"],
        "amount_due": [5.0, 7.0, 9.0, 3.0],
        "due_date": pd.to_datetime(["2026-06-01", "2026-06-29", "2026-06-01", "2026-07-15"]),
    }
)


def test_its_findings_are_among_the_others(install_example: Callable[[str], None]) -> None:
    """The customer with two overdue invoices and no telephone number is found, in its own connection only."""
    install_example("acme-checks")
    findings = rf.check({"customers": CUSTOMERS, "invoices": INVOICES}, as_of="2026-06-30")
    (row,) = findings[findings["check"] == "debtor_without_phone"].to_dict("records")
    assert row == {
        "resource": "customers",
        "connection_id": "c",
        "id": "1",
        "severity": "note",
        "check": "debtor_without_phone",
        "field": "phone",
        "value": row["value"],
        "explanation": "There is no telephone number. Overdue invoices: 2.",
    }


def test_the_tables_of_checks(install_example: Callable[[str], None]) -> None:
    """The table of all checks has it last; that of the documentation has rutterframe's only."""
    install_example("acme-checks")
    assert all_checks()[: len(CHECKS)] == [*CHECKS]
    assert [check.name for check in all_checks()[len(CHECKS) :]] == ["debtor_without_phone"]
    assert "| `debtor_without_phone` | note |" in checks_table(all_checks())
    assert "debtor_without_phone" not in checks_table()


def nothing(frames: FrameSet) -> Iterator[Matches]:
    """Find nothing."""
    if frames.has("warehouses"):
        yield Matches("warehouses", CUSTOMERS, "", "wrong")


CHECK = Check("mine", Severity.NOTE, "It is wrong.", "It matters.", nothing)


def test_an_error_of_a_check_names_it() -> None:
    """What a check raises goes on, with the name of the check."""

    def fail(frames: FrameSet) -> Iterator[Matches]:
        customers = frames.frame("customers")
        assert customers is not None
        yield Matches("customers", customers.drop(columns="id"), "", "wrong")

    check = replace(CHECK, find=fail)
    rf.extensions.register(check)
    try:
        with pytest.raises(KeyError) as caught:
            rf.check({"customers": CUSTOMERS})
    finally:
        rf.extensions.unregister(check)
    assert caught.value.__notes__ == ["This was raised by the check 'mine'."]


@pytest.mark.parametrize(
    ("check", "error", "problem"),
    [
        (nothing, TypeError, "expected a Check, not function"),
        (replace(CHECK, name="My check"), ValueError, "'My check' is not a valid name of a check"),
        (replace(CHECK, severity="note"), TypeError, "mine: severity must be one of Severity, not 'note'"),  # type: ignore[arg-type]
        (replace(CHECK, find=None), TypeError, "mine: find must be a function, not NoneType"),  # type: ignore[arg-type]
        (replace(CHECK, reason=""), ValueError, "mine: reason must be a sentence on one line"),
    ],
)
def test_a_check_that_could_not_run(check: object, error: type[Exception], problem: str) -> None:
    """A check is refused with what is wrong with it."""
    with pytest.raises(error, match=problem):
        check_check(check)
