from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint


class IngestBatch(models.Model):
    """One file or upload, read in chunks that are committed with the position reached."""

    class State(models.TextChoices):
        WAITING = "WAITING", "Waiting"
        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"
        FAILED = "FAILED", "Failed"

    name = models.CharField("file", max_length=300)
    path = models.CharField(max_length=1000, blank=True)
    checksum = models.CharField(max_length=64, blank=True)
    reading = models.JSONField(
        default=dict, help_text="Layout, encoding, delimiter, decimal mark, dates, columns."
    )
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    rows_read = models.BigIntegerField(default=0)
    rows_stored = models.BigIntegerField(default=0)
    rows_duplicate = models.BigIntegerField(default=0)
    rows_refused = models.BigIntegerField(default=0)
    notes = models.JSONField(
        default=dict,
        help_text="What else happened, by name: anonymous rows, clamped clocks, new ids.",
    )
    error = models.TextField(blank=True)
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "import"
        constraints = [
            CheckConstraint(
                condition=Q(rows_read=F("rows_stored") + F("rows_duplicate") + F("rows_refused")),
                name="every_row_read_is_stored_or_duplicate_or_refused",
            )
        ]

    def __str__(self) -> str:
        return self.name


class RefusedRow(models.Model):
    """An example of what a batch refused, and why. The first hundred of each reason are kept."""

    batch = models.ForeignKey(IngestBatch, on_delete=models.CASCADE, related_name="refused")
    line = models.BigIntegerField()
    reason = models.CharField(max_length=48)
    detail = models.CharField(max_length=500)
    raw = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["batch", "line"], name="a_line_is_refused_once_a_batch")
        ]

    def __str__(self) -> str:
        return f"line {self.line}: {self.detail}"
