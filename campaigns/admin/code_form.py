"""One code for all who have it, in place of one for each customer."""

from typing import Any

from django import forms

from campaigns.codes import LONGEST
from campaigns.plans import MOST_USES, CampaignPlan


class CodeForm(forms.Form):
    code_uses = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_USES,
        label="One code, used at most",
        help_text="Times in all, for a newsletter or a flyer. Empty: each customer gets a code of"
        " their own. With one code for all nobody is the control, so what it changes cannot be"
        " told, only what it was used for.",
    )
    uses_per_customer = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_USES,
        label="By one customer at most",
        help_text="Times. Empty: once.",
    )
    general_code = forms.CharField(
        required=False,
        max_length=LONGEST,
        label="The code",
        help_text="Like SUMMER-26. Empty: drawn at random, so that nobody guesses it.",
    )
    code_only_group = forms.BooleanField(
        required=False,
        label="Only for the band or segment above",
        help_text="As they are when they use it. Else anyone may, also who is new.",
    )


def code_asked_for(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a plan, from those of the form that were filled in."""
    return {
        "code_uses": given.get("code_uses"),
        "uses_per_customer": given.get("uses_per_customer"),
        "general_code": given.get("general_code", ""),
        "code_for_anyone": not given.get("code_only_group", False),
    }


def code_filled_in(plan: CampaignPlan) -> dict[str, Any]:
    """The code of a draft as the form shows it."""
    return {
        "code_uses": plan.code_uses,
        "uses_per_customer": plan.uses_per_customer,
        "general_code": plan.general_code,
        "code_only_group": not plan.code_for_anyone,
    }
