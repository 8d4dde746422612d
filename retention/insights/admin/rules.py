from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from retention.access.audit import record
from retention.insights.models import RecommendationRule
from retention.insights.rule_effect import rule_effect

from .rule_form import RuleForm

FIELDSETS: Any = (
    ("What it does", {"fields": ("name", "action", "percent", "days", "count")}),
    ("Which products", {"fields": ("product_ids", "category_path", "brand")}),
    ("For whom and where", {"fields": ("segment", "context")}),
    ("When", {"fields": ("enabled", "starts_at", "ends_at")}),
)


@admin.register(RecommendationRule)
class RecommendationRuleAdmin(admin.ModelAdmin[RecommendationRule]):
    """The shop's own say in what is recommended."""

    form = RuleForm
    fieldsets = FIELDSETS
    list_display = ("name", "does", "concerns", "whom", "place", "starts_at", "ends_at", "enabled")
    list_filter = ("action", "context", "enabled")
    list_select_related = ("category", "segment")
    search_fields = ("name",)
    ordering = ("-enabled", "pk")
    change_form_template = "admin/rule.html"

    def get_urls(self) -> list[URLPattern]:
        view: Callable[..., Any] = self.admin_site.admin_view
        own = [
            path("effect/", view(self.effect_view), name="insights_rule_effect_new"),
            path("<int:pk>/effect/", view(self.effect_view), name="insights_rule_effect"),
        ]
        return own + super().get_urls()

    def effect_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """What the rule of a form would change; the form itself again where it is not sound."""
        key = str(pk) if pk else None
        stored = self.get_object(request, key) if key else None
        if not (self.has_change_permission(request) and self.has_add_permission(request)):
            raise PermissionDenied
        form = RuleForm(request.POST, instance=stored)
        if not form.is_valid():
            return self.changeform_view(request, key)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": form.cleaned_data["name"],
            "rule": form.instance,
            "effect": rule_effect(form.rule(), replaces=pk, at=timezone.now()),
            "sent": [
                (name, value)
                for name, value in request.POST.items()
                if name != "csrfmiddlewaretoken" and not name.startswith("_")
            ],
        }
        return TemplateResponse(request, "admin/rule_effect.html", context)

    def save_model(
        self, request: HttpRequest, obj: RecommendationRule, form: Any, change: bool
    ) -> None:
        at = timezone.now()
        if not change:
            obj.created_at = at
        super().save_model(request, obj, form, change)
        self._record(request, "save rule", obj, after={"rule": words(obj)})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return RecommendationRule.objects.annotate(named=Count("products"))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RecommendationRule]) -> None:
        for rule in queryset:
            self.delete_model(request, rule)

    def delete_model(self, request: HttpRequest, obj: RecommendationRule) -> None:
        self._record(request, "delete rule", obj, after={})
        super().delete_model(request, obj)

    def _record(
        self, request: HttpRequest, did: str, obj: RecommendationRule, *, after: dict[str, str]
    ) -> None:
        record(
            did,
            thing=obj,
            actor=request.user.get_username(),
            before={},
            after={"name": obj.name} | after,
            at=timezone.now(),
        )

    @admin.display(description="does")
    def does(self, rule: RecommendationRule) -> str:
        return words(rule)

    @admin.display(description="products")
    def concerns(self, rule: Any) -> str:
        parts = [
            f"{rule.named} named" if rule.named else "",
            str(rule.category) if rule.category else "",
            rule.brand,
        ]
        return ", ".join(part for part in parts if part) or "all"

    @admin.display(description="for")
    def whom(self, rule: RecommendationRule) -> str:
        return str(rule.segment) if rule.segment else "everyone"

    @admin.display(description="where")
    def place(self, rule: RecommendationRule) -> str:
        return rule.get_context_display() if rule.context else "everywhere"


def words(rule: RecommendationRule) -> str:
    """ "Move up by 50%" """
    match rule.action:
        case RecommendationRule.Action.BOOST if rule.percent:
            return f"Move {'up' if rule.percent > 0 else 'down'} by {abs(rule.percent)}%"
        case RecommendationRule.Action.NOT_AGAIN:
            return f"Not again for {rule.days} days after it was bought"
        case RecommendationRule.Action.CAP:
            return f"At most {rule.count} of one category"
    return str(rule.get_action_display())
