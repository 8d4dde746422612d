"""The shape of the rows that a store takes."""

SourceId = tuple[str, str]
"""A source and a customer's id in it."""
Home = tuple[int, int | None]
"""Row numbers: the customer who has an id, and the one who had it before a merge."""

EVENT_COLUMNS = (
    "source",
    "message_id",
    "kind",
    "customer_id",
    "product_id",
    "quantity",
    "unit_price",
    "discount",
    "amount",
    "currency",
    "order_id",
    "coupon_code",
    "rating",
    "occurred_at",
    "received_at",
    "clock_corrected",
    "extra",
    "batch_id",
)
EVENT_COLUMN_LIST = ", ".join(EVENT_COLUMNS)
CUSTOMER = EVENT_COLUMNS.index("customer_id")
OCCURRED_AT = EVENT_COLUMNS.index("occurred_at")
EXTRA = EVENT_COLUMNS.index("extra")
