from datetime import datetime

from django.utils import timezone
from rest_framework import serializers

SAID = "Expected a moment with its offset or Z, as in 2027-03-01T00:00:00Z."


class MomentField(serializers.DateTimeField):
    """A moment that comes in. One without its zone is refused: whose clock would it be by?"""

    default_error_messages = {"invalid": SAID, "date": SAID, "zoneless": SAID}

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_naive(value):
            self.fail("zoneless")
        return super().enforce_timezone(value)
