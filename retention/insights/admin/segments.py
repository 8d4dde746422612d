from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from retention.insights.conditions.expected import segments_read_once
from retention.insights.conditions.wording import stored_words
from retention.insights.models import Segment, SegmentMembership
from retention.insights.refreshing import ask_for_members
from retention.insights.services.rename_segment import NotAName, rename_segment
from retention.present.lists import VIEW_CUSTOMER, ReadOnly
from retention.present.templatetags.present import ago, badge

from .behind import behind_page
from .joining import joining_page
from .rfm import rfm_page
from .segment_editor import count_page, edit_page, parts_page
from .segment_pages import change_page, delete_page
from .segment_sizes import sizes_for

ADD, CHANGE = "insights.add_segment", "insights.change_segment"
ADD_CAMPAIGN = "campaigns.add_campaign"
MEMBERS = 100
LEFT_LATELY = 20
CHANGES = 12


@admin.register(Segment)
class SegmentAdmin(ReadOnly[Segment]):
    """Groups with names people understand, and a button that makes a campaign of one."""

    list_filter = ("kind",)
    change_form_template = "admin/segment.html"
    change_list_template = "admin/segment/list.html"
    wording: ClassVar = {"add_label": "New segment"}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        page = super().changelist_view(request, extra_context)
        with segments_read_once():
            return page.render() if isinstance(page, TemplateResponse) else page

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        segment = self.get_object(request, unquote(object_id))
        shown = _shown(segment, request.user) if segment else {}
        return super().change_view(request, object_id, form_url, shown | (extra_context or {}))

    def get_urls(self) -> list[URLPattern]:
        view: Callable[..., Any] = self.admin_site.admin_view
        own = [
            path("rfm/", view(rfm_page), name="rfm"),
            path("behind/", view(behind_page), name="behind"),
            path("count/", view(require_POST(self.count)), name="segment_count"),
            path("parts/", view(require_POST(self.parts)), name="segment_parts"),
            path("<int:pk>/joining/", view(joining_page), name="segment_joining"),
            path("<int:pk>/edit/", view(self.edit), name="segment_edit"),
            path("<int:pk>/delete/", view(delete_page), name="segment_delete"),
            path("<int:pk>/changes/<int:change>/", view(change_page), name="segment_moved"),
            path("<int:pk>/refresh/", view(require_POST(self.refresh)), name="segment_refresh"),
            path("<int:pk>/rename/", view(require_POST(self.rename)), name="segment_rename"),
        ]
        return own + super().get_urls()

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        size_of = sizes_for(request.user)
        may_see = request.user.has_perm(VIEW_CUSTOMER)

        @admin.display(description="customers", ordering="size" if may_see else None)
        def customers(segment: Segment) -> str:
            return size_of(segment)

        shown = ("name", "sort", customers, "about", "computed")
        return (*shown, "act") if request.user.has_perm(ADD_CAMPAIGN) else shown

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """By size only for who is told it: where a hidden one stands would say about how many."""
        return ("kind", "-size" if request.user.has_perm(VIEW_CUSTOMER) else "name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(ADD)

    def add_view(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """A new segment: of a rule, for the others come from trainings."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return edit_page(request, None)

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        segment = self._asked(request, pk)
        if segment.kind != Segment.Kind.RULE:
            raise Http404("Its customers come from a training.")
        return edit_page(request, segment)

    def count(self, request: HttpRequest) -> HttpResponse:
        """What the script of the editor asks while somebody types."""
        self._check_may_edit(request)
        return count_page(request)

    def parts(self, request: HttpRequest) -> HttpResponse:
        """What the script of the editor shows after a button."""
        self._check_may_edit(request)
        return parts_page(request)

    def _check_may_edit(self, request: HttpRequest) -> None:
        if not (request.user.has_perm(ADD) or request.user.has_perm(CHANGE)):
            raise PermissionDenied

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
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        return get_object_or_404(Segment, pk=pk)

    @admin.display(description="kind", ordering="kind")
    def sort(self, segment: Segment) -> SafeString:
        return badge(segment.get_kind_display(), "info")

    @admin.display(description="who they are")
    def about(self, segment: Segment) -> str:
        words = stored_words(segment.rule)
        return f"Everyone who {words}." if words else segment.description

    @admin.display(description="computed", ordering="computed_at")
    def computed(self, segment: Segment) -> str:
        return ago(segment.computed_at)

    @admin.display(description="")
    def act(self, segment: Segment) -> SafeString:
        url = reverse("admin:campaigns_campaign_add") + f"?segment={segment.pk}"
        return format_html('<a class="button compact" href="{}">New campaign</a>', url)


def _shown(segment: Segment, user: User | AnonymousUser) -> dict[str, Any]:
    """Its rule and size; to who may see customers, also who is in it, who came and who went."""
    may_see = user.has_perm(VIEW_CUSTOMER)
    told = {
        "words": stored_words(segment.rule),
        "size": sizes_for(user)(segment),
        "may_see": may_see,
    }
    return told | _members_of(segment) if may_see else told


def _members_of(segment: Segment) -> dict[str, Any]:
    """Those in it who did not object since, who left lately, and what each refresh changed."""
    shown = SegmentMembership.objects.consented()
    members = shown.filter(segment=segment).select_related("customer__contact")
    return {
        "changes": segment.changes.order_by("-at")[:CHANGES],
        "members": members.current().order_by("-entered_at", "-pk")[:MEMBERS],
        "left": members.exclude(left_at=None).order_by("-left_at", "-pk")[:LEFT_LATELY],
    }
