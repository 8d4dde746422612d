"""Any shop's export: its columns are told from their names, or by the operator."""

from customers.files.layout import Facts, Layout

EVENTS = Layout(name="events", title="events, told by column names", facts=Facts.EVENTS)
RATINGS = Layout(
    name="ratings",
    title="ratings: user, item, stars",
    facts=Facts.EVENTS,
    kind="RATING",
    undated="import",
)
PRODUCTS = Layout(name="products", title="products, told by column names", facts=Facts.PRODUCTS)
CUSTOMERS = Layout(name="customers", title="customers, told by column names", facts=Facts.CUSTOMERS)
