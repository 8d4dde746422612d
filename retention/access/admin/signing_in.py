"""Signing in: who guesses passwords has to wait."""

import hashlib
from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.utils import timezone

from retention.access.ratelimit import Counter

TRIES_A_MINUTE = 10
"""For one name from one address, so that a stranger does not lock an operator out."""
_counter = Counter()


class SignInForm(AdminAuthenticationForm):
    """Name and password. Beyond its tries not even the right ones are looked at."""

    def clean(self) -> dict[str, Any]:
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        asked = f"{self.cleaned_data.get('username', '').casefold()} {address}"
        digest = hashlib.sha256(asked.encode()).hexdigest()[:32]
        allowance = _counter.count(f"sign-in:{digest}", limit=TRIES_A_MINUTE, at=timezone.now())
        if allowance and allowance.is_spent:
            raise ValidationError(
                f"Too many tries. Wait {allowance.reset_seconds} seconds and try again."
            )
        cleaned: dict[str, Any] = super().clean()
        return cleaned


admin.site.login_form = SignInForm
