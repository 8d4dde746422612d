from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from retention.access.audit import record
from retention.insights.definition import current_definition
from retention.insights.families.churn import asked
from retention.insights.leaving import leaving
from retention.insights.models import ChurnDefinition
from retention.insights.refreshing import ask_for_training
from retention.insights.selectors import known_until

SHORTEST = 7
MOVES: Final = (
    "With another definition the risks, how many customers are at high risk and the money at stake"
    " move by the definition alone: nobody behaves otherwise for it."
)
FIELDS: Final = (
    "horizon_days",
    "overdue_times",
    "audience_days",
    "minimum_orders",
    "medium_from",
    "high_from",
)


class DefinitionForm(forms.ModelForm[ChurnDefinition]):
    """Says in words what the database would refuse."""

    class Meta:
        model = ChurnDefinition
        fields = FIELDS
        labels = {
            "horizon_days": "Days without an order",
            "overdue_times": "Times their usual gap",
            "audience_days": "Days since the last order",
            "minimum_orders": "Orders so far, at least",
            "medium_from": "Medium risk from",
            "high_from": "High risk from",
        }
        help_texts = {
            "overdue_times": "As 2: who orders every 10 days has left after 20 without an order."
            " The days above are the longest, and count for who has ordered on fewer than three"
            " days. Empty: the same days for everyone.",
            "minimum_orders": "Who has ordered less often is not asked about.",
            "medium_from": "A probability, as 0.3.",
            "high_from": "A greater one, as 0.6. Both empty: about a fifth is high risk.",
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        horizon, audience = given.get("horizon_days"), given.get("audience_days")
        if horizon is not None and horizon < SHORTEST:
            self.add_error("horizon_days", f"At least {SHORTEST}: a week without an order is none.")
        elif horizon and audience is not None and audience < horizon:
            self.add_error("audience_days", f"At least the {horizon} days without an order.")
        times = given.get("overdue_times")
        if times is not None and not 1 <= times <= 10:
            self.add_error("overdue_times", "Between 1 and 10 times.")
        if given.get("minimum_orders") == 0:
            self.add_error("minimum_orders", "At least 1: who never ordered cannot leave.")
        bands = given.get("medium_from"), given.get("high_from")
        if bands != (None, None) and not _in_order(*bands):
            self.add_error("high_from", "Give both or neither, between 0 and 1, this the greater.")
        return given


def _in_order(medium: float | None, high: float | None) -> bool:
    return medium is not None and high is not None and 0 < medium < high < 1


@admin.register(ChurnDefinition)
class ChurnDefinitionAdmin(admin.ModelAdmin[ChurnDefinition]):
    """What leaving means here. A change is learned from at once."""

    fields = FIELDS
    change_form_template = "admin/churn_definition.html"
    form = DefinitionForm

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What was typed is shown before it is saved, at an address of its own."""
        if "_show" in request.POST and (typed := DefinitionForm(request.POST)).is_valid():
            given = {name: value for name, value in typed.cleaned_data.items() if value is not None}
            return redirect(f"{request.path}?{urlencode(given)}")
        return super().changeform_view(request, *args, **kwargs)

    def get_object(self, *args: Any, **kwargs: Any) -> ChurnDefinition | None:
        """As it is stored, or as an address has it that is asked about."""
        stored = super().get_object(*args, **kwargs)
        return _typed(args[0]) or stored if stored else None

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        shown = {
            "leaving": _leaving(request),
            "title": "What leaving means",
            "subtitle": None,
            "show_save_and_add_another": False,
        }
        return super().render_change_form(request, context | shown, *args, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not ChurnDefinition.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChurnDefinition]:
        return ChurnDefinition.objects.all()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What counts while nobody has said anything."""
        return _as_typed(_typed(request) or current_definition())

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one: the list is its page."""
        if ChurnDefinition.objects.exists():
            return redirect("admin:insights_churndefinition_change", 1)
        return redirect("admin:insights_churndefinition_add")

    def save_model(
        self, request: HttpRequest, obj: ChurnDefinition, form: Any, change: bool
    ) -> None:
        obj.pk, obj.updated_at = 1, timezone.now()
        before = ChurnDefinition.objects.filter(pk=1).values(*self.fields).first()
        super().save_model(request, obj, form, change)
        record(
            "define churn",
            thing=obj,
            actor=request.user.get_username(),
            before=before or {},
            after=_as_typed(obj),
            at=obj.updated_at,
        )
        ask_for_training("CHURN", at=obj.updated_at, asked_by=request.user.get_username())
        messages.info(request, "A model for this definition is being trained; scores follow.")


def _as_typed(definition: ChurnDefinition) -> dict[str, Any]:
    return {name: getattr(definition, name) for name in FIELDS}


def _typed(request: HttpRequest) -> ChurnDefinition | None:
    """The sound definition in an address; None where there is none."""
    form = DefinitionForm(request.GET)
    if request.method != "GET" or not request.GET or not form.is_valid():
        return None
    return ChurnDefinition(pk=1, updated_at=timezone.now(), **form.cleaned_data)


def _leaving(request: HttpRequest) -> list[str]:
    """What is known of a definition before it is saved, and of today's beside it, in words."""
    typed, now = _typed(request), current_definition()
    if typed is None:
        return []
    if asked(typed) == asked(now):
        return [f"As today: {_told(typed)}"]
    return [f"As typed: {_told(typed)}", f"Today: {_told(now)}", MOVES]


def _told(definition: ChurnDefinition) -> str:
    found = leaving(definition, at=known_until(timezone.now()))
    return f"{definition}. {found.words if found else 'Nobody has ordered yet.'}"
