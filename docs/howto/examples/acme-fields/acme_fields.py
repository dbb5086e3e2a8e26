"""Fields of the real service that rutterframe itself does not read."""

from rutterframe.extensions.fields import ExtraField, Kind

CHANNEL = ExtraField(
    "orders",
    "channel",
    Kind.TEXT,
    "Where it was ordered, such as web",
    path=("source_name",),
    dialect="live",
)
PO_NUMBER = ExtraField(
    "invoices",
    "po_number",
    Kind.TEXT,
    "The customer's own order number",
    path=("additional_fields", "po_number"),
    dialect="live",
)
