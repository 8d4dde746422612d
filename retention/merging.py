"""Two customers who are one person: found, shown side by side, merged, and parted again."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Coupon
from campaigns.selectors.doubled import campaigns_of_both
from customers.duplicates import COUNTED, others_like, possible_duplicates
from customers.merging import NotMergeable, Plan, Side, plan_merge
from customers.models import Customer, CustomerMerge, Purpose
from customers.selectors import customer_known_as, side_of
from customers.services.unmerge import NotUndoable
from customers.wording import events_and_ids
from retention.insights.services.merge import merge_customers
from retention.insights.services.unmerge import unmerge_customers
from retention.present.moments import day
from retention.present.templatetags.present import NOTHING, number

MERGE = "customers.merge_customer"
MAY = ("customers.view_customer", MERGE)
WORDS = {"name": "name", "email": "e-mail", "phone": "phone", "timezone": "time zone"}
WORDS |= {"locale": "language"}
REASON_MISSING = "Say why they are one person: whoever looks at this later has only that."


@permission_required(MAY, raise_exception=True)
def merge_page(request: HttpRequest, pk: int) -> HttpResponse:
    """GET finds the other customer and shows both, with all that a merge does; POST does it."""
    customer = get_object_or_404(Customer.objects.present(), pk=pk)
    asked = (request.POST.get("with") or request.GET.get("with", "")).strip()
    other = _found(asked, not_=customer)
    if other is None:
        return _page(request, "merge_find", customer, asked=asked, alike=others_like(customer))
    reason, refusal = request.POST.get("reason", "").strip(), ""
    if request.method == "POST" and not reason:
        refusal = REASON_MISSING
    elif request.method == "POST":
        try:
            return _merged(request, customer, other, reason)
        except NotMergeable as refused:
            refusal = str(refused)
    return _page(
        request, "merge", customer, reason=reason, refusal=refusal, **_shown(customer, other)
    )


def _found(asked: str, *, not_: Customer) -> Customer | None:
    """By a whole id, of whoever it is now, or by an e-mail address that one other has."""
    if "@" in asked:
        others = Customer.objects.present().exclude(pk=not_.pk)
        by_address = list(others.filter(contact__email_key=asked.lower())[:2])
        if len(by_address) == 1:
            return by_address[0]
    return customer_known_as(asked) if asked else None


def _merged(request: HttpRequest, customer: Customer, other: Customer, reason: str) -> HttpResponse:
    by, at = request.user.get_username(), timezone.now()
    made = merge_customers(customer, other, by=by, reason=reason[:500], at=at)
    done = f"Merged: {made.moved} are with {customer} now. It can be undone below."
    messages.success(request, done)
    return redirect("admin:customer", customer.pk)


def _shown(customer: Customer, other: Customer) -> dict[str, Any]:
    sides = side_of(customer), side_of(other)
    shown = {"other": other, "rows": _side_by_side(*sides)}
    try:
        return shown | {"does": _what_happens(plan_merge(*sides))}
    except NotMergeable as refused:
        return shown | {"impossible": str(refused)}


def _side_by_side(one: Side, other: Side) -> list[tuple[str, str, str]]:
    """(what, of the one, of the other)."""
    told = [(WORDS[field].capitalize(), one.told[field], other.told[field]) for field in WORDS]
    said = [(str(purpose.label), _said(one, purpose), _said(other, purpose)) for purpose in Purpose]
    return [
        ("Known as", _known_as(one), _known_as(other)),
        *((what, ours or NOTHING, theirs or NOTHING) for what, ours, theirs in told),
        ("Orders", number(one.orders), number(other.orders)),
        ("Events", number(one.events), number(other.events)),
        ("First seen", _day(one.seen[:1]), _day(other.seen[:1])),
        ("Last seen", _day(one.seen[1:]), _day(other.seen[1:])),
        *said,
    ]


def _known_as(side: Side) -> str:
    return ", ".join(f"{external_id} ({source})" for source, external_id in side.ids)


def _day(moments: list[Any]) -> str:
    return day(moments[0] if moments else None)


def _said(side: Side, purpose: str) -> str:
    return {True: "agreed", False: "refused", None: "nothing said"}[side.said.get(purpose)]


def _what_happens(plan: Plan) -> list[str]:
    """Every consequence in words, for whoever agrees to it."""
    kept, absorbed = plan.kept.customer, plan.absorbed.customer
    moved = events_and_ids(plan.absorbed.events, len(plan.absorbed.ids))
    coupons = Coupon.objects.of_person(absorbed).count()
    happens = [f"{moved} of {absorbed} go to {kept}, and so does what still arrives for them."]
    if plan.taken:
        taken = " and ".join(WORDS[field] for field in plan.taken)
        happens += [f"{kept} takes {taken} from {absorbed}, having none."]
    else:
        happens += [f"{kept} keeps their own contact data; nothing is taken from {absorbed}."]
    happens += [words for purpose in Purpose if (words := _says(plan, purpose))]
    happens += ["Recommendations follow at once, from what both did; risk and segments tonight."]
    if coupons:
        happens += [f"Coupons promised to {absorbed} ({number(coupons)}) can be used by {kept}."]
    return happens + [
        f"In {campaign.name!r} both were drawn: the earlier draw counts, the later one is left out."
        for campaign in campaigns_of_both(kept, absorbed)
    ]


def _says(plan: Plan, purpose: Purpose) -> str:
    """Where the two differ on a purpose: what holds from now on, and why."""
    kept, absorbed = plan.kept.customer, plan.absorbed.customer
    match plan.said.get(purpose):
        case True:
            return f"{purpose.label}: agreed from now on, as {absorbed} did."
        case False:
            return f"{purpose.label}: refused from now on, since {absorbed} refused."
    if plan.absorbed.said.get(purpose) and not plan.kept.said.get(purpose):
        return f"{purpose.label}: refused as before, since {kept} refused."
    return ""


@permission_required(MAY, raise_exception=True)
def undo_page(request: HttpRequest, pk: int, merge: int) -> HttpResponse:
    """GET says what comes apart; POST does it."""
    made = get_object_or_404(
        CustomerMerge.objects.in_force().select_related("kept__merged_into", "absorbed"),
        Q(kept=pk) | Q(absorbed__merged_into=pk),
        pk=merge,
    )
    refusal = ""
    if request.method == "POST":
        try:
            unmerge_customers(made, by=request.user.get_username(), at=timezone.now())
        except NotUndoable as refused:
            refusal = str(refused)
        else:
            messages.success(request, f"Undone: {made.kept} and {made.absorbed} are two again.")
            return redirect("admin:customer", made.kept_id)
    return _page(request, "unmerge", made.kept.current, merge=made, refusal=refusal)


@permission_required(MAY, raise_exception=True)
def duplicates_page(request: HttpRequest) -> HttpResponse:
    """Customers who share an e-mail address or a phone number, to be looked at."""
    found = possible_duplicates()
    context = admin.site.each_context(request) | {
        "title": "Possible duplicates",
        "found": found,
        "count": f"more than {number(COUNTED)}" if found.count > COUNTED else number(found.count),
    }
    return TemplateResponse(request, "admin/duplicates.html", context)


def _page(request: HttpRequest, name: str, customer: Customer, **shown: Any) -> TemplateResponse:
    context = admin.site.each_context(request) | {
        "title": "Undo a merge" if name == "unmerge" else "Merge with another customer",
        "customer": customer,
        "back": reverse("admin:customer", args=[customer.pk]),
    }
    return TemplateResponse(request, f"admin/{name}.html", context | shown)
