"""UCI Online Retail, both editions: invoices of a gift-ware shop, with much that is no sale."""

from dataclasses import replace

from customers.files.layout import Cells, Extra, Facts, Layout, RowRefused, words

NOT_PRODUCTS = frozenset(
    ("POST", "M", "DOT", "C2", "C3", "D", "S", "B", "CRUK", "AMAZONFEE", "BANK CHARGES")
)
NOT_PRODUCT_PREFIXES = ("GIFT_", "TEST", "ADJUST")


def understand(cells: Cells, extra: Extra) -> None:
    """Codes in one letter case; postage, fees, write-offs and bad debts are no products bought."""
    code = cells["product"] = cells["product"].upper()
    invoice = cells["order_id"].upper()
    if code in NOT_PRODUCTS or code.startswith(NOT_PRODUCT_PREFIXES):
        raise RowRefused("not_a_product_line", f"{code} is a charge, a voucher or a correction.")
    if invoice.startswith("A"):
        raise RowRefused("not_a_sale", f"Invoice {invoice} adjusts a bad debt.")
    free = not cells["unit_price"].strip("0.,")
    if free and not cells["customer"]:
        raise RowRefused("stock_correction", "No customer and no price: a write-off or a note.")
    if free or invoice.startswith("C"):
        # Their descriptions are notes as often as titles.
        cells["title"] = ""
    if invoice.startswith("C"):
        cells["kind"] = "RETURN"
    # One copy in circulation was written by a program that made numbers of the ids.
    cells["customer"] = cells["customer"].removesuffix(".0")


ONLINE_RETAIL = Layout(
    name="online-retail",
    title="UCI Online Retail",
    facts=Facts.EVENTS,
    headers=frozenset(
        words("InvoiceNo StockCode Description Quantity InvoiceDate UnitPrice CustomerID Country")
    ),
    columns={
        "order_id": "InvoiceNo",
        "product": "StockCode",
        "title": "Description",
        "quantity": "Quantity",
        "occurred_at": "InvoiceDate",
        "unit_price": "UnitPrice",
        "customer": "CustomerID",
    },
    extra={"country": "Country"},
    kind="PURCHASE",
    currency="GBP",
    understand=understand,
)
ONLINE_RETAIL_II = replace(
    ONLINE_RETAIL,
    name="online-retail-2",
    title="UCI Online Retail II",
    headers=frozenset(
        ("Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID")
    ),
    columns={
        **ONLINE_RETAIL.columns,
        "order_id": "Invoice",
        "unit_price": "Price",
        "customer": "Customer ID",
    },
)
