"""Deciding what learning leaves out, after seeing what it changes; and taking it back."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from catalog.models import Product
from customers.models import Customer
from retention.insights.models import DataCleaning, Problem
from retention.insights.quality.decisions import VERBS, effect_in_words, target_of
from retention.insights.quality.effect import Proposal, effect_of
from retention.insights.services.decide_cleaning import DecidedAlready, decide_cleaning
from retention.insights.services.undo_cleaning import NotInForce, undo_cleaning
from retention.jobs.services.ask import ask
from retention.present.lists import AboutCustomers
from retention.present.templatetags.present import ago, badge

from .quality import MAY_DECIDE

Kind = DataCleaning.Kind
PAGE = "admin:insights_datafinding_changelist"


class WhyForm(forms.Form):
    """Why: a reason to choose for a customer, and a note."""

    reason = forms.ChoiceField(choices=DataCleaning.Reason.choices, required=False)
    note = forms.CharField(max_length=300, required=False)


@admin.register(DataCleaning)
class DataCleaningAdmin(AboutCustomers[DataCleaning]):
    """Every decision about the data, those that were taken back too."""

    list_display = ("about", "left_out", "why", "decided", "state")
    list_filter = ("kind",)
    list_select_related = ("customer__contact", "product")
    list_display_links = None

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        ours = [
            path("decide/", view(self.decide_view), name="insights_decide_cleaning"),
            path(
                "<int:pk>/undo/", view(require_POST(self.undo_view)), name="insights_undo_cleaning"
            ),
        ]
        return ours + super().get_urls()

    def decide_view(self, request: HttpRequest) -> HttpResponse:
        """GET says what would change; POST decides it."""
        user = request.user
        if not user.has_perm(MAY_DECIDE) or not isinstance(user, User):
            raise PermissionDenied
        proposal = _proposal(request.GET)
        form = WhyForm(request.POST)
        if request.method == "POST" and form.is_valid():
            return _decided(request, user, proposal, form.cleaned_data)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": VERBS[proposal.kind].button,
            "verb": VERBS[proposal.kind],
            "target": target_of(proposal),
            "effect": effect_in_words(effect_of(proposal)),
            "leaves_out": proposal.kind != Kind.KEEP,
            "reasons": DataCleaning.Reason.choices if proposal.kind == Kind.EXCLUDE else [],
            "suggested": "BOT" if request.GET.get("finding") == Problem.BOT else "TILL",
        }
        return TemplateResponse(request, "admin/decide_cleaning.html", context)

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a decision back."""
        user = request.user
        if not user.has_perm(MAY_DECIDE) or not isinstance(user, User):
            raise PermissionDenied
        decision = get_object_or_404(DataCleaning, pk=pk)
        at, who = timezone.now(), user.get_username()
        try:
            undo_cleaning(decision, by=who, at=at, user=user)
        except NotInForce as refused:
            messages.error(request, str(refused))
        else:
            ask("insights.check_data", at=at, asked_by=who)
            messages.success(
                request,
                f"{target_of(decision)}: taken back. It counts from the next training on; the data"
                " is being looked through again.",
            )
        return redirect(PAGE)

    @admin.display(description="what")
    def about(self, decision: DataCleaning) -> str:
        return target_of(decision)

    @admin.display(description="left out")
    def left_out(self, decision: DataCleaning) -> str:
        return effect_in_words(decision)

    @admin.display(description="why")
    def why(self, decision: DataCleaning) -> str:
        words = (decision.get_reason_display() if decision.reason else "", decision.note)
        return ": ".join(word for word in words if word)

    @admin.display(description="decided", ordering="decided_at")
    def decided(self, decision: DataCleaning) -> SafeString | str:
        return ago(decision.decided_at)

    @admin.display(description="state", ordering="undone_at")
    def state(self, decision: DataCleaning) -> SafeString:
        if decision.is_in_force:
            return badge("In force", "good")
        return badge(f"Taken back by {decision.undone_by}", "")


def _decided(
    request: HttpRequest, user: User, proposal: Proposal, why: dict[str, str]
) -> HttpResponse:
    at, who = timezone.now(), user.get_username()
    reason = why["reason"] if proposal.kind == Kind.EXCLUDE else ""
    try:
        decide_cleaning(proposal, reason=reason, note=why["note"], by=who, at=at, user=user)
    except DecidedAlready as refused:
        messages.error(request, str(refused))
    else:
        ask("insights.check_data", at=at, asked_by=who)
        later = "" if proposal.kind == Kind.KEEP else " Models learn so from tonight on."
        messages.success(request, f"{target_of(proposal)}: decided.{later}")
    return redirect(PAGE)


def _proposal(asked: QueryDict) -> Proposal:
    """What the address asks for. Raises Http404 where it asks for nothing that there is."""
    kind, finding = asked.get("kind", ""), asked.get("finding", "")
    customer = _row(Customer, asked.get("customer"))
    product = _row(Product, asked.get("product"))
    most = asked.get("cap", "")
    cap = int(most) if _is_number(most) else None
    lacks = {
        Kind.EXCLUDE.value: customer is None,
        Kind.LINES.value: not cap,
        Kind.KEEP.value: finding not in Problem.values,
    }
    if kind not in Kind.values or lacks.get(kind) or (finding and finding not in Problem.values):
        raise Http404("No such cleaning.")
    about_whom = kind in {Kind.EXCLUDE, Kind.KEEP}
    return Proposal(
        kind=kind,
        customer=customer if about_whom else None,
        product=product if kind == Kind.PRICES else None,
        # A customer is left out once, whatever it was found for.
        finding="" if kind == Kind.EXCLUDE else finding,
        cap=cap if kind == Kind.LINES else None,
    )


def _row(model: type[Any], key: str | None) -> Any:
    if not key:
        return None
    return get_object_or_404(model, pk=key) if _is_number(key) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
