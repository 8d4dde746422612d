from django.db import models

from customers.models import Customer
from retention.insights.querysets import NextCategoryQuerySet


class NextCategory(models.Model):
    """Of which category a customer's next order will mostly be, if one comes."""

    class By(models.TextChoices):
        TREE = "TREE", "a decision tree, which told later orders better than habit does"
        HABIT = "HABIT", "what they bought so far; a decision tree told no better"
        POPULAR = "POPULAR", "what everyone buys; neither habit nor a decision tree told better"

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="+")
    likely = models.JSONField(help_text="Up to three of [path of the category, probability].")
    by = models.CharField(max_length=7, choices=By)
    computed_at = models.DateTimeField()

    objects = NextCategoryQuerySet.as_manager()

    def __str__(self) -> str:
        return ", ".join(path for path, _ in self.likely)
