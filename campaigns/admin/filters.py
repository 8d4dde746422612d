from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from campaigns.models import Coupon


class StateFilter(admin.SimpleListFilter):
    """Coupons by what can be done with them."""

    title, parameter_name = "state", "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("live", "Can be used"), ("used", "Used"), ("gone", "Expired or withdrawn")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Coupon]) -> QuerySet[Coupon]:
        at = timezone.now()
        spent = Q(redeemed_count__gte=F("maximum_redemptions"))
        match self.value():
            case "live":
                return queryset.filter(~spent, void_at=None, expires_at__gt=at)
            case "used":
                return queryset.filter(redeemed_count__gt=0)
            case "gone":
                return queryset.filter(~spent).exclude(void_at=None, expires_at__gt=at)
        return queryset
