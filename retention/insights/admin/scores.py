from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Case, F, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from customers.models import Customer
from retention.insights.artifacts import BrokenArtifact
from retention.insights.cards import caution_of
from retention.insights.definition import current_definition
from retention.insights.families.churn import bands_of
from retention.insights.models import Band, ChurnScore, Kind
from retention.insights.selectors import BandSummary, band_summaries
from retention.insights.serving import ReadOnce
from retention.insights.wording_value import bounds
from retention.present.lists import AboutCustomers
from retention.present.templatetags.present import ago, badge, money, number, percent, person

SEARCH_LABEL = "Find in this list"
SEARCH_PLACEHOLDER = "Name, id or e-mail"
SEARCH_HELP = "The beginning of a name, of an id in whatever source, or of an e-mail address."
TONES = {"HIGH": "bad", "MEDIUM": "warn", "LOW": "quiet"}
BY_BAND = Case(*(When(churn_band=band, then=Value(i)) for i, band in enumerate(Band.values)))
AT_STAKE = F("churn_probability") * F("predicted_clv")
_suggested = ReadOnce(Kind.CHURN, lambda version, parameters, arrays: parameters["bands"])


@admin.register(ChurnScore)
class ChurnScoreAdmin(AboutCustomers[ChurnScore]):
    """Who is leaving, how sure we are, what they are worth, and why."""

    list_display = ("who", "risk", "band", "why", "worth", "at_stake", "computed")
    list_filter = ("churn_band",)
    list_select_related = ("customer__contact",)
    search_fields = ("customer",)
    search_label = SEARCH_LABEL
    search_placeholder = SEARCH_PLACEHOLDER
    search_help_text = SEARCH_HELP
    # Within a band not by risk: the surest to be lost are those a coupon changes least.
    ordering = (BY_BAND.asc(), AT_STAKE.desc(), "pk")
    list_display_links = None
    change_list_template = "admin/scores.html"
    wording: ClassVar = {
        "empty_title": "Nobody has been scored yet.",
        "empty_text": "Train the churn model under Models; scores follow.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChurnScore]:
        return ChurnScore.objects.consented()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(customer__in=Customer.objects.found_by(term)), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        bands = band_summaries()
        shown = {
            "bands": bands,
            "limits": band_limits(),
            "scored_by": scored_by(),
            "scope": scope(bands),
        }
        return super().changelist_view(request, shown | (extra_context or {}))

    @admin.display(description="customer", ordering="customer__external_id")
    def who(self, score: ChurnScore) -> SafeString:
        return person(score.customer)

    @admin.display(description="risk", ordering="churn_probability")
    def risk(self, score: ChurnScore) -> str:
        return percent(score.churn_probability)

    @admin.display(description="band", ordering=BY_BAND)
    def band(self, score: ChurnScore) -> SafeString:
        return badge(score.get_churn_band_display(), TONES[score.churn_band])

    @admin.display(description="what sets them apart")
    def why(self, score: ChurnScore) -> str:
        return score.main_reason

    @admin.display(description="expected in a year", ordering="predicted_clv")
    def worth(self, score: ChurnScore) -> SafeString:
        return worth(score)

    @admin.display(description="at stake", ordering=AT_STAKE)
    def at_stake(self, score: ChurnScore) -> str:
        return money(round(score.churn_probability * score.predicted_clv), score.currency)

    @admin.display(description="computed", ordering="computed_at")
    def computed(self, score: ChurnScore) -> str:
        return ago(score.computed_at)


def scored_by() -> dict[str, Any]:
    """The version whose scores these are, and what to know before believing them."""
    newest = ChurnScore.objects.select_related("version__run").order_by("-pk").first()
    return {"version": newest.version, "caution": caution_of(newest.version)} if newest else {}


def scope(bands: list[BandSummary]) -> str:
    """Why not every customer stands here."""
    scored, everyone = sum(band.customers for band in bands), Customer.objects.count_present()
    if not scored or scored >= everyone:
        return ""
    asked = current_definition()
    orders = "ordered" if asked.minimum_orders == 1 else f"ordered {asked.minimum_orders} times"
    return (
        f"{number(scored)} of {number(everyone)} customers are here: who {orders}, last in the"
        f" {asked.audience_days} days before they were scored. The others never did, did longer ago"
        " and count as gone, have come since, or objected: nothing is foretold of them."
    )


def band_limits() -> list[tuple[str, str, str]]:
    """(label, tone, where it begins) of each band, the highest first; nothing where no model can be
    read."""
    try:
        suggested = _suggested()
    except BrokenArtifact:
        return []
    if suggested is None:
        return []
    bands = bands_of({"bands": suggested})
    medium, high = percent(bands.medium, 0), percent(bands.high, 0)
    words = (f"{high} and more", f"{medium} to {high}", f"below {medium}")
    return [(band.label, TONES[band], said) for band, said in zip(Band, words, strict=True)]


def worth(row: Any) -> SafeString:
    """What is expected in a year with its bounds; row : a score, or a customer with its fields."""
    likely = bounds(row.predicted_clv_low, row.predicted_clv_high, row.currency)
    return format_html(
        '{}<br><span class="quiet">{}</span>' if likely else "{}{}",
        money(row.predicted_clv, row.currency),
        likely,
    )
