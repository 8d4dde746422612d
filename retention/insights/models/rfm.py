from typing import Final

from django.db import models
from django.db.models import CheckConstraint, Q

from customers.models import Customer
from retention.insights.querysets import RfmScoreQuerySet
from retention.learning.segment.rfm import WORDS, RfmName

LETTERS: Final = dict(zip(RfmName, "ABCDEFGHIJK", strict=True))
"""How a name is kept in a history of months."""
NOT_YET: Final = "-"
"""In a history: had not ordered yet."""
STATES: Final = {str(name): letter for name, letter in LETTERS.items()} | {"NOT_YET": NOT_YET}
"""The letter of each name, and of who had none yet."""
LABELS: Final = {str(name): words.label for name, words in WORDS.items()} | {
    "NOT_YET": "Not a customer yet"
}


class RfmScore(models.Model):
    """How lately, often and for how much a customer ordered, in fifths of all, 5 the best."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="+")
    recency = models.PositiveSmallIntegerField()
    frequency = models.PositiveSmallIntegerField()
    money = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=24, choices=[(name, LABELS[name]) for name in RfmName])
    history = models.CharField(
        max_length=12,
        blank=True,
        help_text="A letter a month, the newest last; empty before the next training.",
    )
    as_of = models.DateTimeField(help_text="The moment that the scores are true of.")

    objects = RfmScoreQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(recency__range=(1, 5), frequency__range=(1, 5), money__range=(1, 5)),
                name="rfm_scores_are_fifths",
            )
        ]
        indexes = [models.Index(fields=["recency", "frequency", "money"], name="rfm_by_scores")]

    def __str__(self) -> str:
        return f"{self.recency}{self.frequency}{self.money}"
