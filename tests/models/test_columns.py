"""Meaning, kind and unit of every field, and the fields that drafts refuse."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from rutterframe import models
from rutterframe.models import live
from rutterframe.models.columns import Column, columns
from rutterframe.models.fields import Kind

MODELS = [
    model
    for model in map(models.__dict__.get, models.__all__)
    if isinstance(model, type) and issubclass(model, BaseModel) and model.model_fields
]
LIVE = [
    model
    for model in (getattr(live, name) for name in live.__all__)
    if isinstance(model, type) and issubclass(model, models.Record)
]
RECORDS = [model for model in MODELS if issubclass(model, models.Record)]
DRAFTS = [model for model in MODELS if issubclass(model, models.Draft)]
FIELDS = [(model, name) for model in [*MODELS, *LIVE] for name in model.model_fields]

MONEY = {
    ("Account", "balance"),
    ("BankAccount", "balance"),
    ("Bill", "amount_due"),
    ("ExpandedOrder", "total_price"),
    ("Expense", "amount"),
    ("Invoice", "amount_due"),
    ("LineItem", "total_amount"),
    ("LineItem", "unit_price"),
    ("Order", "total_price"),
    ("OrderLineItem", "unit_price"),
    ("Product", "price"),
    ("ProductVariant", "price"),
    ("Transaction", "amount"),
}


@pytest.mark.parametrize(("model", "name"), FIELDS)
def test_every_field_has_a_meaning(model: type[BaseModel], name: str) -> None:
    """Every field of every model has a one-line meaning without a full stop."""
    meaning = model.model_fields[name].description or ""
    assert 4 <= len(meaning) <= 110
    assert "\n" not in meaning
    assert meaning == meaning.strip()
    assert meaning[-1] != "."


def test_every_amount_has_the_unit() -> None:
    """Money, and nothing else, is counted in major units of the record's currency."""
    unit = "the record's currency, major units"
    amounts = {
        (model.__name__, column.name) for model in RECORDS for column in columns(model) if column.unit == unit
    }
    assert amounts == MONEY


@pytest.mark.parametrize("model", [*RECORDS, *LIVE])
def test_every_number_count_and_day_has_a_unit(model: type[models.Record]) -> None:
    """Every number, count, date and timestamp has a unit."""
    bare = [c.name for c in columns(model) if c.kind not in {None, Kind.TEXT} and not c.unit]
    assert bare == []


def test_columns_of_a_nested_list() -> None:
    """A nested list has no kind, but the record of its rows."""
    assert columns(models.Invoice)[-1] == Column(
        "line_items", None, "", (), "What was invoiced, line by line", models.LineItem, is_list=True
    )


def test_columns_of_an_enumeration_and_of_a_count() -> None:
    """A column has kind, unit, the listed values and the meaning."""
    assert columns(models.BankAccount)[2] == Column(
        "type", Kind.TEXT, "", ("checking", "savings"), "The kind of account"
    )
    assert columns(models.OrderLineItem)[2] == Column("quantity", Kind.COUNT, "pieces", (), "How many pieces")


def test_columns_of_the_platforms_own_record() -> None:
    """The platform's own record has no kind and no rows."""
    assert columns(models.ExpandedOrder)[-1] == Column(
        "platform_data", None, "", (), "The platform's own record, as it sent it"
    )


DRAFT_FIELDS: dict[str, dict[str, object]] = {
    "BillCreate": {"vendor_id": "v", "line_items": []},
    "FulfillmentCreate": {},
    "FulfillmentLineItem": {},
    "InvoiceCreate": {"customer_id": "c", "line_items": []},
    "OrderCreate": {"customer_id": "c", "line_items": []},
    "ProductCreate": {"title": "t"},
    "ProductUpdate": {},
    "WebhookCreate": {"url": "https://example.com/hook", "events": ["order.created"]},
}


def test_every_draft_has_a_case() -> None:
    """The table above has every draft of the models."""
    assert sorted(model.__name__ for model in DRAFTS) == sorted(DRAFT_FIELDS)


@pytest.mark.parametrize("model", DRAFTS)
def test_drafts_refuse_unknown_fields(model: type[models.Draft]) -> None:
    """A draft accepts the fields of the contract, and refuses any other."""
    fields = DRAFT_FIELDS[model.__name__]
    assert model.model_validate(fields).model_dump(exclude_unset=True, mode="json") == fields
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        model.model_validate({**fields, "memo": "hello"})


@pytest.mark.parametrize("model", [model for model in DRAFTS if DRAFT_FIELDS[model.__name__]])
def test_drafts_require_their_fields(model: type[models.Draft]) -> None:
    """A draft without any one of its required fields is refused."""
    fields = DRAFT_FIELDS[model.__name__]
    for left_out in fields:
        with pytest.raises(ValidationError, match="Field required"):
            model.model_validate({name: value for name, value in fields.items() if name != left_out})


def test_webhooks_accept_known_events_only() -> None:
    """An event that the contract does not list is refused."""
    with pytest.raises(ValidationError, match=r"order\.created"):
        models.WebhookCreate.model_validate({"url": "https://example.com", "events": ["order.deleted"]})


@pytest.mark.parametrize("model", RECORDS)
def test_records_ignore_unknown_and_missing_fields(model: type[models.Record]) -> None:
    """A record with only unknown fields is read, and every field is null."""
    read = model.model_validate({"unknown": {"x": 1}})
    assert set(read.model_dump().values()) == {None}


@pytest.mark.parametrize("model", [*RECORDS, *DRAFTS])
def test_records_and_drafts_are_frozen(model: type[BaseModel]) -> None:
    """The fields of records and drafts cannot be changed."""
    read = model.model_validate(DRAFT_FIELDS.get(model.__name__, {}))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(read, next(iter(model.model_fields)), None)


@pytest.mark.parametrize("resource", models.RECORDS)
def test_live_records_are_those_of_the_contract_with_more_columns(resource: str) -> None:
    """A live record is a record of the contract, with its columns first."""
    contract, record = models.RECORDS[resource], live.LIVE_RECORDS[resource]
    assert issubclass(record, contract)
    assert [*record.model_fields][: len(contract.model_fields)] == [*contract.model_fields]
    assert len(record.model_fields) > len(contract.model_fields)


def test_the_resources_of_the_live_dialect() -> None:
    """Live records are those of the contract's resources, then of those that only the live dialect has."""
    assert [*live.LIVE_RECORDS] == [*models.RECORDS, *models.LIVE_RESOURCES]


@pytest.mark.parametrize("resource", live.LIVE_RECORDS)
def test_the_record_of_a_frame(resource: str) -> None:
    """The columns of a frame say in which dialect it was loaded."""
    record = live.LIVE_RECORDS[resource]
    assert models.record_of(resource, ["connection_id", *record.model_fields, "business"]) is record
    if resource in models.RECORDS:
        contract = models.RECORDS[resource]
        assert models.record_of(resource, ["connection_id", *contract.model_fields]) is contract
        assert models.record_of(resource, [*contract.model_fields, "business"]) is contract
    else:
        assert models.record_of(resource, []) is record


def test_a_column_of_the_users_own() -> None:
    """One column with the name of a live one does not make a frame of the contract a live one."""
    assert models.record_of("invoices", [*models.Invoice.model_fields, "memo"]) is models.Invoice
    with pytest.raises(KeyError):
        models.record_of("bank_feeds", [])


def test_a_record_that_the_live_dialect_lacks() -> None:
    """Records are read on first use; another name is an attribute error."""
    with pytest.raises(AttributeError, match="no attribute 'LiveJournalEntry'"):
        _ = live.LiveJournalEntry
