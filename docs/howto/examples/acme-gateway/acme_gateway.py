"""The dialect of a gateway with another path and other names."""

from dataclasses import replace

from rutterframe.extensions.dialects import (
    CONTRACT,
    Dialect,
    Field,
    Mapping,
    Route,
    Rows,
    Words,
)
from rutterframe.models import Invoice

INVOICES = Mapping(
    Invoice,
    {
        "id": Field("number"),
        "customer_id": Field("debtor", "id"),
        "status": Words(
            Field("state"), {"unpaid": "open", "settled": "paid"}
        ),
        "amount_due": Field("open_amount"),
        "currency": Field("currency"),
        "due_date": Field("payable_on"),
        "line_items": Rows(
            "positions",
            {
                "description": Field("text"),
                "quantity": Field("pieces"),
                "unit_price": Field("price"),
                "total_amount": Field("amount"),
            },
        ),
    },
)

DIALECT: Dialect = replace(
    CONTRACT,
    name="acme",
    base_urls={"production": "https://gateway.acme.example/api"},
    resources={
        **CONTRACT.resources,
        "invoices": (Route("/receivables", "items", mapping=INVOICES),),
    },
)
