"""A field of another package: a column after ours, the same on every path, in datasets and receipts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.dialects import DIALECTS
from rutterframe.dialects.extra_fields import check_field, extend_mapping, extra_fields_of
from rutterframe.extensions.fields import ExtraField, Kind
from rutterframe.frames.decode import Decoder
from rutterframe.frames.map_columns import mapped_table
from rutterframe.models import RECORDS
from tests.extensions.gateway import open_gateway, serve

InstallExample = Callable[[str], None]

MEMO = ExtraField("invoices", "memo", Kind.TEXT, "The note on the invoice")
NESTED = ExtraField("invoices", "weight", Kind.NUMBER, "Its weight", path=("parcel", "kg"), unit="kg")
EVERY_KIND = (
    MEMO,
    NESTED,
    ExtraField("invoices", "pages", Kind.COUNT, "How many pages", path=("print", "pages")),
    ExtraField("invoices", "sent_on", Kind.DATE, "When it was sent", path=("print", "day")),
    ExtraField("invoices", "read_at", Kind.TIMESTAMP, "When it was read", path=("print", "moment")),
)


@pytest.fixture
def register() -> Iterator[Callable[..., None]]:
    """Return a function that registers fields for one test."""
    registered: list[ExtraField] = []

    def register_fields(*fields: ExtraField) -> None:
        for field in fields:
            rf.extensions.register(field)
            registered.append(field)

    yield register_fields
    for field in registered:
        rf.extensions.unregister(field)


def decoded(rows: list[dict[str, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Decode rows of invoices on the columnar path, and one by one on the exact path."""
    model = DIALECTS["contract"].record("invoices")
    mapping = extend_mapping(None, model)
    decoder = Decoder(model, "invoices", "next_cursor", mapping=mapping)
    body = json.dumps({"invoices": rows, "next_cursor": None}).encode()
    columnar = decoder.decode([body]).table.to_pandas()
    exact = decoder._exact(body).table
    return columnar, (exact if mapping is None else mapped_table(mapping, exact)).to_pandas()


def test_both_paths_read_every_kind(register: Callable[..., None]) -> None:
    """A nested value, a missing one and a missing object around it are the same on both paths."""
    register(*EVERY_KIND)
    rows: list[dict[str, Any]] = [
        {
            "id": "1", "memo": "gift", "parcel": {"kg": "1.5"}, "amount_due": "2.50",
            "print": {"pages": 3, "day": "2026-06-01", "moment": "2026-06-01T10:00:00+02:00"},
            "line_items": [{"description": "Beans", "quantity": 1}],
        },
        {"id": "2", "parcel": None, "print": {}},
        {"id": "3"},
    ]  # fmt: skip
    columnar, exact = decoded(rows)
    pd.testing.assert_frame_equal(columnar, exact)
    added = columnar[[field.name for field in EVERY_KIND]]
    assert added.iloc[0].tolist() == [
        "gift", 1.5, 3, pd.Timestamp("2026-06-01"), pd.Timestamp("2026-06-01 08:00", tz="UTC"),
    ]  # fmt: skip
    assert added.iloc[1:].isna().all(axis=None)


def test_the_columns_come_after_ours(register: Callable[..., None]) -> None:
    """Loaded and empty frames have the contract's columns, then the fields; the receipt names these."""
    register(MEMO, NESTED)
    with rf.demo() as client:
        invoices = rf.load_invoices(client.connection("gear-xero"), progress=False)
        nothing = rf.load_invoices(client.connection("gear-bank"), progress=False)
        record = next(iter(client.connection("gear-xero").invoices.list()))
    assert invoices.columns.tolist() == [
        "connection_id", *RECORDS["invoices"].model_fields, "memo", "weight",
    ]  # fmt: skip
    assert nothing.dtypes.to_dict() == invoices.dtypes.to_dict()
    assert str(invoices["weight"].dtype) == "float64"
    assert rf.receipt(invoices)["extra_fields"] == ["memo", "weight"]
    assert record.model_dump()["weight"] is None
    assert [field.unit for field in extra_fields_of(type(record))] == ["", "kg"]


def test_an_open_client_keeps_its_schema(register: Callable[..., None]) -> None:
    """A field that is registered later is read by the next client only."""
    with rf.demo() as client:
        register(MEMO)
        invoices = rf.load_invoices(client.connection("gear-xero"), progress=False)
        assert "memo" not in invoices
    assert "extra_fields" not in rf.receipt(invoices)


def test_an_expansion_beside_a_nested_field(register: Callable[..., None]) -> None:
    """`expand="platform_data"` gives the platform's own record as before, beside a field with a path."""
    with rf.demo() as client:
        before = rf.load_orders(client.connection("gear-shopify"), progress=False, expand="platform_data")
    register(ExtraField("orders", "coupon", Kind.TEXT, "The coupon", path=("checkout", "coupon")))
    with rf.demo() as client:
        after = rf.load_orders(client.connection("gear-shopify"), progress=False, expand="platform_data")
    pd.testing.assert_frame_equal(after.drop(columns="coupon"), before)


@pytest.mark.slow
def test_fields_of_the_real_service(install_example: InstallExample) -> None:
    """The fields of a package are read from the live dialect's records, nested ones too."""
    install_example("acme-fields")
    with rf.demo(dialect="live") as client:
        orders = rf.load_orders(client.connection("gear-shopify"), progress=False)
        invoices = rf.load_invoices(client.connection("gear-xero"), progress=False)
        order = next(iter(client.connection("gear-shopify").orders.list()))
    assert orders.columns[-1] == "channel"
    assert set(orders["channel"].dropna()) == {"web"}
    assert order.model_dump()["channel"] == "web"
    assert invoices.columns[-1] == "po_number"
    assert str(invoices["po_number"].dtype) == "str"


@pytest.mark.slow
def test_a_dataset_gains_the_column(register: Callable[..., None], tmp_path: Path) -> None:
    """A dataset of before is read with nulls, a refresh reads all rows again, and older versions stay."""
    root = str(tmp_path / "data")
    with rf.demo(dialect="live") as client:
        rf.refresh(client.connection("gear-shopify"), root, resources=["orders"], progress=False)
    register(ExtraField("orders", "channel", Kind.TEXT, "Where", path=("source_name",), dialect="live"))
    data = rf.Dataset(root)
    assert data.load("orders")["channel"].isna().all()
    with rf.demo(dialect="live") as client:
        rf.refresh(client.connection("gear-shopify"), root, resources=["orders"], progress=False)
    after = rf.Dataset(root)
    assert set(after.load("orders")["channel"].dropna()) == {"web"}
    assert after.load("orders", version=data.versions("orders")["version"].min())["channel"].isna().all()


@pytest.mark.slow
def test_a_dataset_without_the_package(tmp_path: Path) -> None:
    """Without the field a dataset is read without the column, and a refresh refuses to lose it."""
    root = str(tmp_path / "data")
    field = ExtraField("orders", "channel", Kind.TEXT, "Where", path=("source_name",), dialect="live")
    rf.extensions.register(field)
    try:
        with rf.demo(dialect="live") as client:
            rf.refresh(client.connection("gear-shopify"), root, resources=["orders"], progress=False)
    finally:
        rf.extensions.unregister(field)
    assert "channel" not in rf.Dataset(root).load("orders")
    with rf.demo(dialect="live") as client, pytest.raises(ValueError, match="install that package"):
        rf.refresh(client.connection("gear-shopify"), root, resources=["orders"], progress=False)


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        (replace(MEMO, resource="warehouses"), "there is no resource 'warehouses'"),
        (replace(MEMO, name="Memo"), "'Memo' is not a valid name of a field"),
        (replace(MEMO, name="connection_id"), "'connection_id' is not a valid name"),
        (replace(MEMO, kind=Kind.WRITTEN_DAY), "kind=<Kind.WRITTEN_DAY: 'written day'> is not valid"),
        (replace(MEMO, meaning=" "), "meaning must say in one line"),
        (replace(MEMO, name="due_date"), "invoices have a column 'due_date' in the dialect 'contract'"),
        (replace(MEMO, name="total_amount"), "in the dialect 'live' a column of that name is a number"),
        (replace(MEMO, resource="vendors", name="note"), "the dialect 'contract' has no vendors"),
        (replace(MEMO, dialect="nowhere"), "there is no dialect 'nowhere'; there are contract, live"),
        (
            ExtraField("orders", "po", Kind.TEXT, "The order", path=("platform_data", "po")),
            "platform_data is used as JSON text and as an object",
        ),
    ],
)
def test_a_field_that_cannot_be_a_column(field: ExtraField, problem: str) -> None:
    """A field is refused with what is wrong with it, and nothing of it stays."""
    with pytest.raises(ValueError, match=problem):
        rf.extensions.register(field)
    assert rf.extensions.list_extensions().empty


def test_a_field_of_a_package_that_does_not_fit(install: Callable[..., None]) -> None:
    """A client goes on without it, with one warning that names the package."""
    source = (
        "from rutterframe.extensions.fields import ExtraField, Kind\n"
        "PO = ExtraField('orders', 'po', Kind.TEXT, 'The order', path=('platform_data', 'po'))\n"
    )
    install("acme-po", {"rutterframe.fields": {"contract.orders.po": "acme_po:PO"}}, {"acme_po": source})
    with pytest.warns(rf.ExtensionWarning, match=r"of the package acme-po 1\.0 does not fit, and is left"):
        dialect = DIALECTS["contract"]
    assert dialect.fields == {}


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        (replace(MEMO, name="status", dialect="acme"), "invoices have a column 'status' already"),
        (replace(MEMO, resource="vendors", dialect="acme"), "the dialect 'acme' has no vendors"),
    ],
)
def test_a_field_of_a_dialect_of_a_package(
    install_example: InstallExample, field: ExtraField, problem: str
) -> None:
    """A field of another package's dialect is compared with that dialect, and one that fits is read."""
    install_example("acme-gateway")
    with pytest.raises(ValueError, match=problem):
        rf.extensions.register(field)
    fits = replace(MEMO, path=("debtor", "city"), dialect="acme")
    rf.extensions.register(fits)
    with serve() as address, open_gateway(address) as client:
        invoices = rf.load_invoices(client.connection("acme-books"), progress=False)
    rf.extensions.unregister(fits)
    assert invoices["memo"].fillna("").tolist() == ["Bergen", "", ""]


def test_other_objects_are_not_fields() -> None:
    """Neither something else nor a path of another type is taken."""
    with pytest.raises(TypeError, match="expected an ExtraField, not str"):
        check_field("memo")
    path: Any = "memo"
    with pytest.raises(TypeError, match="path='memo' is not valid"):
        check_field(replace(MEMO, path=path))
