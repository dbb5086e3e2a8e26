"""Sales by customer: who buys, and for how much."""

from typing import Any

from rutterframe.extensions.reports import (
    CURRENCY,
    NO_REVENUE,
    Column,
    Kind,
    Order,
    Report,
    Spec,
    add_names,
    rows_until,
    rows_without_status,
    sum_by,
)

SPEC = Spec(
    "sales_by_customer",
    "Sales by customer",
    "Who buys from us?",
    (
        Column(
            "customer_id",
            Kind.KEY,
            "Customer id",
            "Who ordered; null for guests",
        ),
        CURRENCY,
        Column("orders", Kind.COUNT, "Orders", "How many orders"),
        Column(
            "sales",
            Kind.MONEY,
            "Sales",
            "Order totals, tax and shipping included",
            "refunds exceed sales",
        ),
    ),
    order=Order.LARGEST,
    size="sales",
)


def counted_orders(orders: Any, as_of: str) -> Any:
    """Return the orders until the day that are not cancelled."""
    until = rows_until(orders, as_of, "created_at")
    return rows_without_status(until, NO_REVENUE)


def sales_by_customer(
    orders: Any, as_of: str, *, customers: Any = None
) -> Any:
    """Return the orders and sales of each customer and currency."""
    counted = counted_orders(orders, as_of)
    sums = sum_by(
        counted, "customer_id", {"sales": "total_price"}, count="orders"
    )
    return add_names(sums, customers)


REPORT = Report(SPEC, sales_by_customer, rows=counted_orders)
