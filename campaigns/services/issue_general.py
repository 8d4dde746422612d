from datetime import datetime, timedelta
from typing import Any

from campaigns.codes import new_codes, normal
from campaigns.models import Campaign, Coupon

from .issue import BudgetExhausted
from .transition import WrongState


def issue_general_code(campaign: Campaign, *, at: datetime) -> dict[str, Any]:
    """The one code of a campaign for all, with all its uses promised; returns what the audit log
    keeps of it. In the transaction that launches a held campaign. Raises WrongState."""
    offer, uses = campaign.offers.get(), campaign.code_uses or 0
    code = campaign.general_code or new_codes(1)[0]
    if Coupon.objects.filter(code_normal=normal(code)).exists():
        raise WrongState(
            f"{code} is another coupon's code by now. Take {campaign.name!r} back to a draft and"
            " choose another."
        )
    Coupon.objects.create(
        campaign=campaign,
        offer=offer,
        code=code,
        code_normal=normal(code),
        worst_case=offer.maximum_discount,
        maximum_redemptions=uses,
        uses_per_customer=campaign.uses_per_customer,
        issued_at=at,
        expires_at=at + timedelta(days=offer.valid_days),
    )
    if not campaign.commit_money(worst_case := offer.maximum_discount * uses):
        raise BudgetExhausted(f"{campaign.name!r} cannot promise {worst_case} more.")
    return {"code": code, "uses": uses, "worst_case": worst_case}
