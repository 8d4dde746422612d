"""The kinds of files we know by name, asked in this order."""

from customers.files.layout import Layout
from customers.files.opening import UnreadableFile

from . import clickstream, complete_journey, generic, groceries, movielens, online_retail
from .cdnow import CDNOW
from .no_facts import NO_FACTS
from .shopify import SHOPIFY_ORDERS

NAMED: tuple[Layout, ...] = (
    SHOPIFY_ORDERS,
    online_retail.ONLINE_RETAIL,
    online_retail.ONLINE_RETAIL_II,
    CDNOW,
    complete_journey.TRANSACTIONS,
    complete_journey.PRODUCTS,
    complete_journey.REDEMPTIONS,
    movielens.ML100K_RATINGS,
    movielens.ML100K_ITEMS,
    movielens.ML_RATINGS,
    movielens.ML_MOVIES,
    movielens.ML_TAGS,
    clickstream.CLICKSTREAM,
    groceries.GROCERIES,
    *NO_FACTS,
)
GENERIC: tuple[Layout, ...] = (
    generic.EVENTS,
    generic.RATINGS,
    generic.PRODUCTS,
    generic.CUSTOMERS,
)
LAYOUTS = {layout.name: layout for layout in (*NAMED, *GENERIC)}


def named(name: str) -> Layout:
    try:
        return LAYOUTS[name]
    except KeyError:
        raise UnreadableFile(
            f"No layout is called {name!r}. Known are {', '.join(LAYOUTS)}."
        ) from None


def recognised(header: tuple[str, ...]) -> Layout | None:
    """The named layout whose columns these are, or None."""
    return next((layout for layout in NAMED if layout.fits(header)), None)
