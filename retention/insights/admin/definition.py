from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from retention.access.audit import record
from retention.insights.definition import current_definition
from retention.insights.models import ChurnDefinition
from retention.insights.refreshing import ask_for_training

SHORTEST = 7


class DefinitionForm(forms.ModelForm[ChurnDefinition]):
    """Says in words what the database would refuse."""

    class Meta:
        model = ChurnDefinition
        fields = ("horizon_days", "audience_days", "minimum_orders", "medium_from", "high_from")
        labels = {
            "horizon_days": "Days without an order",
            "audience_days": "Days since the last order",
            "minimum_orders": "Orders so far, at least",
            "medium_from": "Medium risk from",
            "high_from": "High risk from",
        }
        help_texts = {
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

    fields = ("horizon_days", "audience_days", "minimum_orders", "medium_from", "high_from")
    form = DefinitionForm

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        shown = {
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
        return {name: getattr(current_definition(), name) for name in self.fields}

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
            after={name: getattr(obj, name) for name in self.fields},
            at=obj.updated_at,
        )
        ask_for_training("CHURN", at=obj.updated_at, asked_by=request.user.get_username())
        messages.info(request, "A model for this definition is being trained; scores follow.")
