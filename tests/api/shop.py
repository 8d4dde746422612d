"""A small shop with one of everything, as the documented examples speak of it."""

from catalog.models import Product
from tests import make


def open_shop() -> None:
    """Opened once: the second time everything is there."""
    if Product.objects.filter(external_id="mug-1").exists():
        return
    make.product(external_id="mug-1", title="Blue mug", category=make.category())
