"""Pages of one segment besides its own: who entered and left at a refresh, and its end."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from retention.insights.models import Segment, SegmentChange, SegmentMembership
from retention.insights.services.define_segment import NotARule
from retention.insights.services.delete_segment import SegmentInUse, delete_segment, users_of

from .pages import page_of

MOST = 500
MAY_SEE = ("insights.view_segment", "customers.view_customer")


@permission_required(MAY_SEE, raise_exception=True)
def change_page(request: HttpRequest, pk: int, change: int) -> HttpResponse:
    """The customers behind one line of "entered and left", without who objected since."""
    moved = get_object_or_404(
        SegmentChange.objects.select_related("segment"), pk=change, segment=pk
    )
    shown = (
        SegmentMembership.objects.consented().filter(segment=pk).select_related("customer__contact")
    )
    came = shown.filter(entered_at=moved.at).order_by("customer__external_id")
    went = shown.filter(left_at=moved.at).order_by("customer__external_id")
    sides = (("Entered", moved.entered, came[:MOST]), ("Left", moved.left, went[:MOST]))
    title = f"{moved.segment}: who entered and left"
    return page_of(
        request, "segment/moved", title, segment=moved.segment, moved=moved, sides=sides, most=MOST
    )


@permission_required("insights.delete_segment", raise_exception=True)
def delete_page(request: HttpRequest, pk: int) -> HttpResponse:
    """GET says what goes, or what uses it; POST deletes it."""
    segment = get_object_or_404(Segment.objects.of_rules(), pk=pk)
    if request.method == "POST":
        try:
            delete_segment(segment, by=request.user.get_username(), at=timezone.now())
        except (SegmentInUse, NotARule) as refused:
            messages.error(request, str(refused))
            return redirect("admin:insights_segment_change", pk)
        messages.success(request, f"Deleted: {segment}.")
        return redirect("admin:insights_segment_changelist")
    users = users_of(segment)
    return page_of(request, "segment/delete", f"Delete {segment}?", segment=segment, users=users)
