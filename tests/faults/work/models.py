from typing import ClassVar

from django.db import models


class Effect(models.Model):
    """What one run did. Nothing here forbids a second row: the jobs themselves must."""

    run_id = models.BigIntegerField()
    claim = models.CharField(max_length=128)

    objects: ClassVar[models.Manager["Effect"]] = models.Manager()

    def __str__(self) -> str:
        return f"effect of run {self.run_id}"


class Start(models.Model):
    """A run was started, whatever became of it."""

    run_id = models.BigIntegerField()
    claim = models.CharField(max_length=128)

    objects: ClassVar[models.Manager["Start"]] = models.Manager()

    def __str__(self) -> str:
        return f"start of run {self.run_id}"
