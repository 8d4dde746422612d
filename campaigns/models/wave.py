from django.db import models
from django.db.models import UniqueConstraint

from .campaign import Campaign


class Wave(models.Model):
    """A part of a campaign's customers who come in together, and how they were shared among its
    offers. Kept for ever: an assignment belongs to the last wave that was open by then."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="waves")
    number = models.PositiveIntegerField(help_text="By the calendar, from 0 at the launch.")
    arms = models.JSONField(
        help_text="Of each offer: the share of those with a coupon who get it, the chance that it"
        " was the best as far as was known, and what was known."
    )
    opened_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["campaign", "number"], name="a_wave_is_drawn_once"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.number}"

    @property
    def shares(self) -> dict[int, float]:
        """By offer."""
        return {arm["offer"]: arm["share"] for arm in self.arms}
