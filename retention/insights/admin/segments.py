from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from retention.insights.conditions.tree import read_rule
from retention.insights.conditions.wording import in_words
from retention.insights.models import Segment, SegmentMembership
from retention.insights.refreshing import ask_for_members
from retention.insights.services.rename_segment import NotAName, rename_segment
from retention.present.lists import ReadOnly
from retention.present.templatetags.present import ago, badge, number

MEMBERS = 100
LEFT_LATELY = 20
CHANGES = 12


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

    def get_urls(self) -> list[URLPattern]:
        view: Callable[..., Any] = self.admin_site.admin_view
        own = [
            path("<int:pk>/refresh/", view(require_POST(self.refresh)), name="segment_refresh"),
            path("<int:pk>/rename/", view(require_POST(self.rename)), name="segment_rename"),
        ]
        return own + super().get_urls()

    def refresh(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have the customers of a rule found again now."""
        segment = self._asked(request, pk)
        if segment.kind == Segment.Kind.RULE:
            who = request.user.get_username()
            ask_for_members(segment, at=timezone.now(), asked_by=who)
            messages.info(request, "Its customers are being found again.")
        return redirect("admin:insights_segment_change", pk)

    def rename(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Call a group as the shop calls it."""
        segment, who = self._asked(request, pk), request.user.get_username()
        try:
            rename_segment(segment, request.POST.get("name", ""), by=who, at=timezone.now())
        except NotAName as refused:
            messages.error(request, str(refused))
        return redirect("admin:insights_segment_change", pk)

    def _asked(self, request: HttpRequest, pk: int) -> Segment:
        if not request.user.has_perm("insights.change_segment"):
            raise PermissionDenied
        return get_object_or_404(Segment, pk=pk)

    @admin.display(description="kind", ordering="kind")
    def sort(self, segment: Segment) -> SafeString:
        return badge(segment.get_kind_display(), "info")

    @admin.display(description="customers", ordering="size")
    def customers(self, segment: Segment) -> str:
        return number(segment.size)

    @admin.display(description="who they are")
    def about(self, segment: Segment) -> str:
        return segment.description or words_of(segment)

    @admin.display(description="computed", ordering="computed_at")
    def computed(self, segment: Segment) -> str:
        return ago(segment.computed_at)

    @admin.display(description="")
    def act(self, segment: Segment) -> SafeString:
        url = reverse("admin:campaigns_campaign_add") + f"?segment={segment.pk}"
        return format_html('<a class="button compact" href="{}">New campaign</a>', url)


def words_of(segment: Segment) -> str:
    """Its rule in words; empty where it has none."""
    return in_words(read_rule(segment.rule, look_up=False)) if segment.rule else ""


def _members_of(segment: Segment) -> dict[str, Any]:
    """Those in it who did not object since, and those who left lately."""
    shown = SegmentMembership.objects.consented()
    members = shown.filter(segment=segment).select_related("customer")
    return {
        "words": words_of(segment),
        "changes": segment.changes.order_by("-at")[:CHANGES],
        "members": members.current().order_by("-entered_at", "-pk")[:MEMBERS],
        "left": members.exclude(left_at=None).order_by("-left_at", "-pk")[:LEFT_LATELY],
    }
