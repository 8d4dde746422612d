"""The form of a new campaign: money as people type it, shares in percent, one offer an arm."""

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Count
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.plans import CampaignPlan
from campaigns.services.draft import plan_of, problems_with
from retention.insights.models import Band, ChurnScore, Segment
from retention.present.amounts import MOST, MoneyField, MoneyForm, written

from .code_form import CodeForm, code_asked_for, code_filled_in
from .offer_form import OfferForm, offer_filled_in
from .trigger_form import TriggerForm, field_of, trigger_asked_for, trigger_filled_in

MOST_OFFERS = 4
IN_PERCENT = {"control_share": "control_percent", "minimum_risk": "risk_percent"}
"""Fields of a plan that the form asks for in percent."""


def risk_field() -> forms.FloatField:
    return forms.FloatField(
        required=False,
        min_value=0,
        max_value=99,
        label="Only from a risk of",
        help_text="Percent. Empty: no further limit.",
    )


class CampaignForm(TriggerForm, CodeForm, MoneyForm):
    name = forms.CharField(max_length=150, help_text="For you and your colleagues.")
    bands = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label="Risk of leaving"
    )
    segment = forms.ChoiceField(
        required=False,
        help_text="With a risk ticked as well: those of the segment who are at that risk.",
    )
    risk_percent = risk_field()
    assigning = forms.ChoiceField(
        choices=Campaign.Assigning.choices,
        initial=Campaign.Assigning.SHARE,
        required=False,
        widget=forms.RadioSelect,
        label="Who gets which offer",
        help_text="Of several offers. Compared, all else about their customers is equal, so that"
        " one campaign tells which is better; in waves, the next ones can have more of what worked."
        " Chosen for each, whoever no offer is expected to earn"
        " its cost from gets none, and each offer is measured against those of the control who"
        " would have got it.",
    )
    send_at_a_loss = forms.BooleanField(
        required=False,
        label="Also at an expected loss",
        help_text="Whoever a coupon is expected to cost more with than it earns is left out, unless"
        " you tick this. Drawn by lot only.",
    )
    budget_amount = MoneyField(
        label="Budget", help_text="Never passed, even if every coupon is used at its worst."
    )
    control_percent = forms.FloatField(
        label="Control group",
        initial=20,
        min_value=1,
        max_value=90,
        help_text="Percent of the chosen who get nothing, so that the effect can be measured.",
    )
    maximum_customers = forms.IntegerField(
        required=False,
        min_value=2,
        label="Customers at most",
        help_text="Control included. Empty: as many as the budget covers.",
    )
    contact_gap_days = forms.IntegerField(
        initial=30,
        min_value=0,
        max_value=3650,
        label="Days since the last coupon",
        help_text="Whoever got a coupon within so many days is left out.",
    )
    measure_days = forms.IntegerField(
        initial=60,
        min_value=1,
        max_value=365,
        label="Days to measure",
        help_text="Kept means: ordered within so many days of the launch.",
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bands"].choices = _bands()  # type: ignore[attr-defined]  # a choice field
        self.fields["segment"].choices = _segments()  # type: ignore[attr-defined]  # a choice field

    def clean_segment(self) -> int | None:
        chosen = self.cleaned_data["segment"]
        return int(chosen) if chosen else None


class PlanForm:
    """The campaign and its offers together: valid or not, and the plan that they ask for."""

    def __init__(
        self,
        data: Any = None,
        *,
        initial: dict[str, Any] | None = None,
        more: int = 0,
        currency: str = "",
    ) -> None:
        self.currency = currency or settings.SHOP_CURRENCY
        given = initial or {}
        first = given.pop("offers", [{}])
        shown = _offers_in(data) if data else len(first)
        wanted = min(shown + more, MOST_OFFERS)
        offer_forms = formset_factory(
            OfferForm,
            extra=max(wanted - len(first), 0),
            max_num=MOST_OFFERS,
            can_delete=wanted > 1,
            can_delete_extra=False,
        )
        self.campaign = CampaignForm(data, initial=given, currency=self.currency)
        self.offers: BaseFormSet[OfferForm] = offer_forms(
            data, initial=first, prefix="offers", form_kwargs={"currency": self.currency}
        )

    def is_valid(self) -> bool:
        """If not, all that is wrong is said: of the fields, and of the plan they would make."""
        is_valid = all([self.campaign.is_valid(), self.offers.is_valid()])
        if not is_valid and self.campaign.is_bound:
            self.say(problems_with(self.plan(), at=timezone.now()))
        return is_valid

    @property
    def revision(self) -> int:
        return int(self.campaign.cleaned_data["revision"] or 0)

    def plan(self) -> CampaignPlan:
        """What it asks for; a field that could not be read is left open."""
        cleaned = self.campaign.cleaned_data
        given = {name: value for name, value in cleaned.items() if value is not None}
        return CampaignPlan(
            name=given.get("name", ""),
            bands=tuple(given.get("bands", ())),
            segment=given.get("segment"),
            minimum_risk=given["risk_percent"] / 100 if "risk_percent" in given else None,
            assigning=given.get("assigning") or Campaign.Assigning.SHARE,
            send_at_a_loss=given.get("send_at_a_loss", False),
            maximum_customers=given.get("maximum_customers"),
            budget_amount=given.get("budget_amount", MOST),
            currency=self.currency,
            contact_gap_days=given.get("contact_gap_days", 30),
            control_share=given.get("control_percent", 20) / 100,
            measure_days=given.get("measure_days", 60),
            **trigger_asked_for(given),
            **code_asked_for(given),
            offers=tuple(form.plan() for form in self._filled_in_offers()),
        )

    def _filled_in_offers(self) -> list[OfferForm]:
        gone = self.offers.deleted_forms if self.offers.can_delete else []
        return [
            form
            for form in self.offers
            if form not in gone and (form.has_changed() or not form.empty_permitted)
        ]

    def say(self, problems: dict[str, str]) -> None:
        """Put what is wrong with the plan beside the fields it is about, once for each."""
        offers = self._filled_in_offers()
        for field, said in problems.items():
            match field.split("."):
                case ["offers", number, name]:
                    _add_error(offers[int(number)], name, said)
                case [name]:
                    asked = field_of(name, self.campaign.cleaned_data.get("trigger", ""))
                    _add_error(self.campaign, IN_PERCENT.get(asked, asked), said)


def _add_error(form: forms.Form, field: str, said: str) -> None:
    if field not in form.errors:
        form.add_error(field if field in form.fields else None, said)


def typed_in(data: QueryDict) -> dict[str, Any]:
    """A form that was sent, as it was typed, to show it again without a complaint."""
    given: dict[str, Any] = {name: data.get(name, "") for name in CampaignForm.base_fields}
    offers = [
        {name: data.get(f"offers-{number}-{name}", "") for name in OfferForm.base_fields}
        for number in range(_offers_in(data))
        if f"offers-{number}-DELETE" not in data
    ]
    return given | {"bands": data.getlist("bands"), "offers": offers or [{}]}


def _offers_in(data: QueryDict) -> int:
    """How many offers a form that was sent has."""
    count = data.get("offers-TOTAL_FORMS") or ""
    is_number = count.isdecimal() and len(count) < 3
    return min(max(int(count), 1), MOST_OFFERS) if is_number else 1


def filled_in(campaign: Campaign) -> dict[str, Any]:
    """A draft as the form shows it."""
    plan = plan_of(campaign)
    return {
        "name": plan.name,
        "bands": list(plan.bands),
        "segment": plan.segment or "",
        "risk_percent": None if plan.minimum_risk is None else in_percent(plan.minimum_risk),
        "assigning": plan.assigning,
        "send_at_a_loss": plan.send_at_a_loss,
        "maximum_customers": plan.maximum_customers,
        "budget_amount": written(plan.budget_amount, plan.currency),
        "contact_gap_days": plan.contact_gap_days,
        "control_percent": in_percent(plan.control_share),
        "measure_days": plan.measure_days,
        **trigger_filled_in(plan),
        **code_filled_in(plan),
        "revision": campaign.revision,
        "offers": [offer_filled_in(offer, plan.currency) for offer in plan.offers],
    }


def in_percent(share: float) -> str:
    """As finely as it is kept, or a draft that is opened and saved would be another."""
    return f"{share * 100:.10g}"


def _bands() -> list[tuple[str, str]]:
    counted = ChurnScore.objects.consented().values_list("churn_band").annotate(n=Count("pk"))
    sizes: dict[str, int] = dict(counted)
    return [(band.value, f"{band.label} ({sizes.get(band.value, 0):,})") for band in Band]


def _segments() -> list[tuple[str, str]]:
    segments = Segment.objects.filter(size__gt=0).order_by("kind", "name")
    return [("", "Any")] + [
        (str(s.pk), f"{s.get_kind_display()}: {s.name} ({s.size:,})") for s in segments
    ]
