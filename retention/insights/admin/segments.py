from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from retention.insights.models import Segment, SegmentMembership
from retention.present.lists import ReadOnly
from retention.present.templatetags.present import ago, badge, number

MEMBERS = 100
LEFT_LATELY = 20


@admin.register(Segment)
class SegmentAdmin(ReadOnly[Segment]):
    """Groups with names people understand, and a button that makes a campaign of one."""

    list_display = ("name", "sort", "customers", "about", "computed", "act")
    list_filter = ("kind",)
    ordering = ("kind", "-size")
    change_form_template = "admin/segment.html"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        segment = self.get_object(request, unquote(object_id))
        shown = _members_of(segment) if segment else {}
        return super().change_view(request, object_id, form_url, shown | (extra_context or {}))

    @admin.display(description="kind", ordering="kind")
    def sort(self, segment: Segment) -> SafeString:
        return badge(segment.get_kind_display(), "info")

    @admin.display(description="customers", ordering="size")
    def customers(self, segment: Segment) -> str:
        return number(segment.size)

    @admin.display(description="who they are")
    def about(self, segment: Segment) -> str:
        return segment.description

    @admin.display(description="computed", ordering="computed_at")
    def computed(self, segment: Segment) -> str:
        return ago(segment.computed_at)

    @admin.display(description="")
    def act(self, segment: Segment) -> SafeString:
        url = reverse("admin:campaigns_campaign_add") + f"?segment={segment.pk}"
        return format_html('<a class="button compact" href="{}">New campaign</a>', url)


def _members_of(segment: Segment) -> dict[str, Any]:
    """Those in it who did not object since, and those who left lately."""
    shown = SegmentMembership.objects.consented()
    members = shown.filter(segment=segment).select_related("customer")
    return {
        "members": members.current().order_by("-entered_at", "-pk")[:MEMBERS],
        "left": members.exclude(left_at=None).order_by("-left_at", "-pk")[:LEFT_LATELY],
    }
