"""Create many records from a frame: dry run, one result for each record, resuming without duplicates."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault
from tests.bulk.conftest import BOOKS, Interrupting, Open, outcomes

COLUMNS = ["connection_id", "record", "status", "id", "error", "idempotency_key", "fingerprint"]
RESPONSE_LOST = "It is not known whether this was written: No response from"


def test_a_dry_run_sends_nothing(ledger: Open) -> None:
    """By default the records are only checked: a row for each, all text, with the frame's index."""
    at = ledger()
    frame = at.invoices(12.34, 5.0)
    result = at.books.invoices.create_many(frame.assign(due_date=["2026-07-31", "soon"]))
    assert list(result.columns) == COLUMNS
    assert set(map(str, result.dtypes)) == {"str"}
    assert result.index.tolist() == ["B-1", "B-2"]
    wrong = "due_date cannot be sent: not ISO 8601 text (YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SSZ), got 'soon'"
    assert outcomes(result) == [["B-1", "valid", None], ["B-2", "invalid", wrong]]
    assert result["id"].isna().all()
    assert (list(at.server.requests), at.amounts("invoices")) == ([], [])


def test_what_is_valid_is_created_to_the_cent(ledger: Open) -> None:
    """Of a frame and a frame of lines each valid record is created, each amount unchanged."""
    at = ledger()
    new = pd.DataFrame({"number": ["A-1", "A-2", "A-3"], "customer_id": [at.customer, None, at.customer]})
    lines = pd.DataFrame(
        {"number": ["A-3", "A-1", "A-1", "A-2"], "quantity": [None, 3, None, None],
         "unit_price": [None, 4.1, None, None], "total_amount": [99.99, None, 0.04, 1]},
    )  # fmt: skip
    result = at.books.invoices.create_many(new, lines, key="number", dry_run=False)
    assert outcomes(result) == [
        ["A-1", "created", None], ["A-2", "invalid", "customer_id is missing"], ["A-3", "created", None],
    ]  # fmt: skip
    assert at.amounts("invoices") == [12.34, 99.99]
    assert at.books.invoices.retrieve(str(result["id"].iloc[2])).amount_due == 99.99


def test_an_empty_frame_gives_an_empty_result(ledger: Open) -> None:
    """No rows in, no rows out, with the same columns."""
    result = ledger().books.bills.create_many(ledger().bills(), dry_run=False)
    assert (list(result.columns), len(result)) == (COLUMNS, 0)


def test_what_was_created_is_skipped(ledger: Open) -> None:
    """With an earlier result what was created is skipped, also if the result was stored as CSV."""
    at = ledger()
    frame = at.bills(1.5, 2.5)
    first = at.books.bills.create_many(frame, dry_run=False)
    stored = pd.read_csv(io.StringIO(first.to_csv()), index_col=0, dtype="str")
    again = at.books.bills.create_many(frame, dry_run=False, resume=stored)
    assert outcomes(again) == [["B-1", "skipped", None], ["B-2", "skipped", None]]
    assert again["id"].tolist() == first["id"].tolist()
    assert at.amounts("bills") == [1.5, 2.5]


def test_a_record_that_changed_after_it_was_created_is_not_sent(ledger: Open) -> None:
    """What was created before is skipped though its fields are others now, with a reason."""
    at = ledger()
    first = at.books.bills.create_many(at.bills(1.5), dry_run=False)
    again = at.books.bills.create_many(at.bills(1.75), dry_run=False, resume=first)
    changed = "created before; its fields have changed since, and were not sent"
    assert outcomes(again) == [["B-1", "skipped", changed]]
    assert at.amounts("bills") == [1.5]


def test_an_invoice_with_a_lost_response_is_sent_again_with_its_key(ledger: Open) -> None:
    """The key of the dry run is sent: after a lost response the write is repeated, and nothing is doubled."""
    at = ledger()
    at.server.configure(faults=[Fault("drop", resource="invoices", operation="write")])
    frame = at.invoices(7.0)
    checked = at.books.invoices.create_many(frame)
    result = at.books.invoices.create_many(frame, dry_run=False, resume=checked)
    assert outcomes(result) == [["B-1", "created", None]]
    assert result["idempotency_key"].tolist() == checked["idempotency_key"].tolist()
    assert at.amounts("invoices") == [7.0]


def test_invoices_of_unknown_outcome_are_resumed(ledger: Open) -> None:
    """After three lost responses it stops; resumed with the error, every record is created once."""
    at = ledger()
    at.server.configure(faults=[Fault("truncate", resource="invoices", operation="write", times=0)])
    frame = at.invoices(1.0, 2.0, 3.0, 4.0, 5.0)
    with pytest.raises(rf.OutcomeUnknown) as stopped:
        at.books.invoices.create_many(frame, dry_run=False)
    so_far = stopped.value.partial
    assert so_far["status"].tolist() == ["unknown", "unknown", "unknown", "valid", "valid"]
    at.server.configure(faults=[])
    result = at.books.invoices.create_many(frame, dry_run=False, resume=stopped.value)
    assert result["status"].tolist() == ["created"] * 5
    assert at.amounts("invoices") == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert result["idempotency_key"].tolist() == so_far["idempotency_key"].tolist()


def test_an_invoice_of_unknown_outcome_that_changed_is_not_sent(ledger: Open) -> None:
    """Other fields would need another key, and could be a second invoice: nothing is sent, with a reason."""
    at = ledger()
    at.server.configure(faults=[Fault("html", resource="invoices", operation="write", times=0)])
    unknown = at.books.invoices.create_many(at.invoices(1.0), dry_run=False)
    assert unknown["status"].tolist() == ["unknown"]
    at.server.configure(faults=[])
    changed = at.books.invoices.create_many(at.invoices(2.0), dry_run=False, resume=unknown)
    assert changed["status"].tolist() == ["unknown"]
    assert str(changed["error"].iloc[0]).endswith(
        "; its fields have changed since: send the former ones again, or name it in send_again="
    )
    assert at.amounts("invoices") == [1.0]
    again = at.books.invoices.create_many(at.invoices(2.0), dry_run=False, resume=changed, send_again=["B-1"])
    assert again["status"].tolist() == ["created"]
    assert at.amounts("invoices") == [1.0, 2.0]


def test_a_bill_of_unknown_outcome_is_left_alone(ledger: Open) -> None:
    """A bill with a lost response is not sent again, unless the user names it or fills in its id."""
    at = ledger()
    at.server.configure(faults=[Fault("drop", resource="bills", operation="write")])
    frame = at.bills(1.0, 2.0)
    first = at.books.bills.create_many(frame, dry_run=False)
    assert first["status"].tolist() == ["unknown", "created"]
    assert str(first["error"].iloc[0]).startswith(RESPONSE_LOST)
    second = at.books.bills.create_many(frame, dry_run=False, resume=first)
    assert second["status"].tolist() == ["unknown", "skipped"]
    assert at.amounts("bills") == [1.0, 2.0]

    edited = first.copy()
    edited.loc["B-1", "id"] = at.server.books.rows(BOOKS, "bills")[-2]["id"]
    third = at.books.bills.create_many(frame, dry_run=False, resume=edited)
    assert third["status"].tolist() == ["skipped", "skipped"]
    assert at.amounts("bills") == [1.0, 2.0]

    fourth = at.books.bills.create_many(frame, dry_run=False, resume=first, send_again=["B-1"])
    assert fourth["status"].tolist() == ["created", "skipped"]
    assert at.amounts("bills") == [1.0, 2.0, 1.0]


def test_a_record_that_the_platform_refuses_does_not_stop_the_others(ledger: Open) -> None:
    """A refusal is the record's own: it gets the platform's words, and a new key when it is sent again."""
    at = ledger()
    frame = at.invoices(1.0, 2.0)
    frame.loc["B-1", "customer_id"] = "unknown-customer"
    checked = at.books.invoices.create_many(frame)
    result = at.books.invoices.create_many(frame, dry_run=False, resume=checked)
    assert result["status"].tolist() == ["invalid", "created"]
    assert "unknown-customer" in str(result["error"].iloc[0])
    frame.loc["B-1", "customer_id"] = at.customer
    again = at.books.invoices.create_many(frame, dry_run=False, resume=result)
    assert again["status"].tolist() == ["created", "skipped"]
    assert again["idempotency_key"].iloc[0] != result["idempotency_key"].iloc[0]
    assert at.amounts("invoices") == [2.0, 1.0]


def test_refused_credentials_stop_it_at_once(ledger: Open) -> None:
    """When nothing more can be sent the error has the result so far, and the rest can be sent later."""
    at = ledger(client_secret="wrong")
    with pytest.raises(rf.AuthenticationError) as stopped:
        at.books.bills.create_many(at.bills(1.0, 2.0), dry_run=False)
    assert stopped.value.partial["status"].tolist() == ["valid", "valid"]
    assert len(at.server.requests) == 1
    result = ledger().books.bills.create_many(at.bills(1.0, 2.0), dry_run=False, resume=stopped.value)
    assert result["status"].tolist() == ["created", "created"]


def test_ctrl_c_leaves_a_result(ledger: Open) -> None:
    """After Ctrl-C during a write the result has what was created, what is unknown, what was not sent."""
    at = ledger(transport=Interrupting(2))
    with pytest.raises(
        rf.WriteInterrupted, match=r"Interrupted after 1 of 3 records were created"
    ) as stopped:
        at.books.bills.create_many(at.bills(1.0, 2.0, 3.0), dry_run=False)
    assert stopped.value.partial["status"].tolist() == ["created", "unknown", "valid"]
    assert at.amounts("bills") == [1.0, 2.0]
    result = at.books.bills.create_many(at.bills(1.0, 2.0, 3.0), dry_run=False, resume=stopped.value)
    assert result["status"].tolist() == ["skipped", "unknown", "created"]
    assert at.amounts("bills") == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("exception", [MemoryError, SystemExit, ValueError, OSError])
def test_any_exception_leaves_a_result(ledger: Open, exception: type[BaseException]) -> None:
    """Whatever comes during a write, its partial has what was created, and creating goes on from there."""
    at = ledger(transport=Interrupting(2, exception))
    with pytest.raises(exception) as stopped:
        at.books.bills.create_many(at.bills(1.0, 2.0, 3.0), dry_run=False)
    partial = vars(stopped.value)["partial"]
    assert partial["status"].tolist() == ["created", "unknown", "valid"]
    result = at.books.bills.create_many(at.bills(1.0, 2.0, 3.0), dry_run=False, resume=stopped.value)
    assert result["status"].tolist() == ["skipped", "unknown", "created"]
    assert at.amounts("bills") == [1.0, 2.0, 3.0]


def test_a_result_survives_parquet(ledger: Open, tmp_path: Path) -> None:
    """A result survives Parquet unchanged."""
    at = ledger()
    result = at.books.bills.create_many(at.bills(1.0))
    result.to_parquet(tmp_path / "result.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "result.parquet"), result)


def test_wrong_results_are_refused(ledger: Open) -> None:
    """A result of something else, of another connection, or of other records is refused."""
    at = ledger()
    create = at.books.bills.create_many
    frame, result = at.bills(1.0), create(at.bills(1.0))
    cases = [
        (pd.DataFrame({"a": [1]}), "resume= is not a result of create_many but DataFrame"),
        (ValueError("x"), "resume= is not a result of create_many but ValueError"),
        (result.assign(connection_id="other"), f"of connection 'other', not '{BOOKS}'"),
        (result.assign(record="B-9"), "a record 'B-9' that the frame has not"),
    ]
    for wrong, message in cases:
        with pytest.raises(rf.InvalidDraft, match=message):
            create(frame, resume=wrong)  # type: ignore[arg-type]
    with pytest.raises(rf.InvalidDraft, match="send_again= names 'B-1', but its outcome is not unknown"):
        create(frame, resume=result, send_again=["B-1"])


def test_orders_and_products(ledger: Open) -> None:
    """Orders and products are written in the same way."""
    shop = ledger().client.connection("roaster-shopify")
    customer = next(shop.customers.list()).id
    orders = pd.DataFrame({"n": [1], "customer_id": [customer], "currency": ["USD"]})
    lines = pd.DataFrame({"n": [1, 1], "quantity": [2, 1], "unit_price": [9.5, 0.01]})
    created = shop.orders.create_many(orders, lines, key="n", dry_run=False)
    assert shop.orders.retrieve(str(created["id"].iloc[0])).total_price == 19.01
    titles = pd.DataFrame({"title": ["Filter", "Kettle"], "price": [4.5, None]})
    created = shop.products.create_many(titles, key="title", dry_run=False)
    assert outcomes(created) == [["Filter", "created", None], ["Kettle", "created", None]]
    assert shop.products.retrieve(str(created["id"].iloc[0])).price == 4.5
