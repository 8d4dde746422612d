from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from retention.access.audit import record
from retention.insights.definition import current_definition
from retention.insights.models import ChurnDefinition, ChurnScore
from retention.insights.selectors import band_summaries
from retention.jobs.services.ask import ask
from retention.present.lists import ReadOnly
from retention.present.templatetags.present import ago, badge, money, percent

TONES = {"HIGH": "bad", "MEDIUM": "warn", "LOW": "good"}


@admin.register(ChurnScore)
class ChurnScoreAdmin(ReadOnly[ChurnScore]):
    """Who is leaving, how sure we are, what they are worth, and why."""

    list_display = ("who", "risk", "band", "why", "worth", "at_stake", "computed")
    list_filter = ("churn_band",)
    list_select_related = ("customer",)
    search_fields = ("customer__external_id__startswith",)
    search_help_text = "The beginning of a customer's id."
    # Not by risk: the surest to be lost are those a coupon changes least.
    ordering = ((F("churn_probability") * F("predicted_clv")).desc(), "pk")
    list_display_links = None
    change_list_template = "admin/scores.html"
    wording: ClassVar = {
        "empty_title": "Nobody has been scored yet.",
        "empty_text": "Train the churn model under Models; scores follow.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChurnScore]:
        return ChurnScore.objects.consented()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {"bands": band_summaries()}
        return super().changelist_view(request, shown | (extra_context or {}))

    @admin.display(description="customer", ordering="customer__external_id")
    def who(self, score: ChurnScore) -> SafeString:
        url = reverse("admin:customers_customer_change", args=[score.customer_id])
        return format_html('<a href="{}">{}</a>', url, score.customer)

    @admin.display(description="risk", ordering="churn_probability")
    def risk(self, score: ChurnScore) -> str:
        return percent(score.churn_probability)

    @admin.display(description="band", ordering="churn_band")
    def band(self, score: ChurnScore) -> SafeString:
        return badge(score.get_churn_band_display(), TONES[score.churn_band])

    @admin.display(description="mostly because")
    def why(self, score: ChurnScore) -> str:
        return score.main_reason

    @admin.display(description="expected in a year", ordering="predicted_clv")
    def worth(self, score: ChurnScore) -> str:
        return money(score.predicted_clv, score.currency)

    @admin.display(description="at stake", ordering=F("churn_probability") * F("predicted_clv"))
    def at_stake(self, score: ChurnScore) -> str:
        return money(round(score.churn_probability * score.predicted_clv), score.currency)

    @admin.display(description="computed", ordering="computed_at")
    def computed(self, score: ChurnScore) -> str:
        return ago(score.computed_at)


@admin.register(ChurnDefinition)
class ChurnDefinitionAdmin(admin.ModelAdmin[ChurnDefinition]):
    """What leaving means here. A change is learned from at once."""

    fields = ("horizon_days", "audience_days", "minimum_orders", "medium_from", "high_from")
    labels: ClassVar[dict[str, str]] = {
        "horizon_days": "Days without an order",
        "audience_days": "Days since the last order",
        "minimum_orders": "Orders so far, at least",
        "medium_from": "Medium risk from",
        "high_from": "High risk from",
    }

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs |= {"label": self.labels.get(db_field.name)}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

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
        for job, arguments in (("insights.train", {"kind": "CHURN"}), ("insights.score", {})):
            ask(job, arguments=arguments, at=obj.updated_at, asked_by=request.user.get_username())
        messages.info(request, "A model for this definition is being trained; scores follow.")
