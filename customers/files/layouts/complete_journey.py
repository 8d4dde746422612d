"""84.51's Complete Journey: a grocer's lines, products and coupon redemptions, in dollars."""

from decimal import Decimal, InvalidOperation

from customers.files.layout import Cells, Extra, Facts, Layout, RowRefused, words

NOT_FOR_SALE = frozenset(("COUPON", "FUEL", "CNTRL/STORE SUP", "CHARITABLE CONT", "POSTAL CENTER"))


def understand_line(cells: Cells, extra: Extra) -> None:
    """`sales_value` is what the shop took; a maker's coupon lowered only what the customer paid."""
    matched = extra.pop("coupon_match_disc", "")
    if matched.strip("0."):
        try:
            cells["discount"] = str(Decimal(cells["discount"] or 0) + Decimal(matched))
        except InvalidOperation as error:
            raise RowRefused("broken price", f"A discount of {matched!r} is no number.") from error
    if not extra.get("maker_coupon", "").strip("0."):
        extra.pop("maker_coupon", None)


def understand_product(cells: Cells, extra: Extra) -> None:
    """The set names no product: its type and its size stand in for a title."""
    levels = (cells["category"], extra.pop("product_category", ""), extra.pop("product_type", ""))
    named = [level for level in levels if level]
    cells["category"] = " > ".join(named)
    cells["title"] = " ".join(filter(None, (named[-1] if named else "", extra.get("package_size"))))
    unsellable = levels[0] in NOT_FOR_SALE or levels[1].startswith("COUPON")
    cells["sellable"] = "no" if unsellable else "yes"


TRANSACTIONS = Layout(
    name="complete-journey-transactions",
    title="Complete Journey transactions",
    facts=Facts.EVENTS,
    headers=frozenset(
        words(
            "household_id basket_id product_id quantity sales_value retail_disc coupon_disc"
            " coupon_match_disc transaction_timestamp"
        )
    ),
    columns={
        "customer": "household_id",
        "order_id": "basket_id",
        "product": "product_id",
        "quantity": "quantity",
        "amount": "sales_value",
        "discount": "retail_disc",
        "occurred_at": "transaction_timestamp",
    },
    extra={
        "store": "store_id",
        "maker_coupon": "coupon_disc",
        "coupon_match_disc": "coupon_match_disc",
    },
    kind="PURCHASE",
    currency="USD",
    understand=understand_line,
)
PRODUCTS = Layout(
    name="complete-journey-products",
    title="Complete Journey products",
    facts=Facts.PRODUCTS,
    headers=frozenset(words("product_id department brand product_category product_type")),
    columns={"product": "product_id", "category": "department", "brand": "brand"},
    extra={
        "maker": "manufacturer_id",
        "package_size": "package_size",
        "product_category": "product_category",
        "product_type": "product_type",
    },
    currency="USD",
    understand=understand_product,
)
REDEMPTIONS = Layout(
    name="complete-journey-redemptions",
    title="Complete Journey coupon redemptions",
    facts=Facts.EVENTS,
    headers=frozenset(("household_id", "coupon_upc", "campaign_id", "redemption_date")),
    columns={
        "customer": "household_id",
        "coupon_code": "coupon_upc",
        "occurred_at": "redemption_date",
    },
    extra={"campaign": "campaign_id"},
    kind="COUPON_REDEEMED",
)
