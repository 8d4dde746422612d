from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from catalog.models import Category, Product
from customers.models import Customer

from .versions import ModelVersion


class RecommendationList(models.Model):
    """What a customer is likely to want next, best first; without a customer, what everyone buys,
    of a category or of all.

    items: [{"product": id, "score": float, "model": name, ...}, ...] as `insights.listing` writes
    them; live filters (withdrawn, out of stock) are applied when it is read, so it is longer than
    what is shown.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    category = models.OneToOneField(
        Category, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+")
    items = models.JSONField(default=list)
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["version"],
                condition=Q(customer=None, category=None),
                name="one_popular_list_a_version",
            ),
            CheckConstraint(
                condition=Q(customer=None) | Q(category=None),
                name="a_list_is_a_customers_or_a_categorys",
            ),
        ]

    def __str__(self) -> str:
        return f"{len(self.items)} products"


class ProductPair(models.Model):
    """Two products that are alike or go together: `both` had both, of `of` that had the first.

    Alike is counted in customers, together in baskets.
    """

    class Kind(models.TextChoices):
        SIMILAR = "SIMILAR", "Alike"
        TOGETHER = "TOGETHER", "Bought together"

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SIMILAR)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    both = models.PositiveIntegerField()
    of = models.PositiveIntegerField()
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["product", "kind", "other"], name="a_pair_of_products_stands_once"
            ),
            CheckConstraint(condition=Q(both__lte=F("of")), name="a_pair_is_a_part_of_the_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} → {self.other_id}"
