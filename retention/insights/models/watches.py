from django.db import models
from django.db.models import UniqueConstraint

from .versions import Kind, ModelVersion


class ModelWatch(models.Model):
    """One night's look at the model that served then: what moved, and whether it told true."""

    kind = models.CharField(max_length=16, choices=Kind)
    on = models.DateField(help_text="The shop's day that it is about.")
    version = models.ForeignKey(
        ModelVersion,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Empty where that was removed since.",
    )
    number = models.PositiveIntegerField(help_text="Of the version.")
    decays = models.JSONField(default=list, help_text="What is wrong; empty where nothing is.")
    figures = models.JSONField(default=dict)
    watched_at = models.DateTimeField(help_text="Nothing later was seen.")

    class Meta:
        verbose_name_plural = "model watches"
        constraints = [UniqueConstraint(fields=["kind", "on"], name="a_night_is_watched_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} v{self.number} on {self.on}"
