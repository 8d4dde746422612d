"""The page of a campaign with one code for all: what it was used for, and that this is no proof."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.selectors.general import used_for
from campaigns.selectors.results import results_of
from retention.present.templatetags.present import money, number


def general_page(request: HttpRequest, campaign: Campaign, context: dict[str, Any]) -> HttpResponse:
    coupon = campaign.coupons.first()
    used, code = used_for(campaign), campaign.currency
    most = (campaign.code_uses or 0) * campaign.offers.get().maximum_discount
    times = campaign.uses_per_customer or 1
    each = "each once" if times == 1 else f"each at most {number(times)} times"
    key_numbers = [
        ("Used", number(used.uses), f"of {number(campaign.code_uses)} times"),
        ("Customers", number(used.customers), each),
        ("Their orders came to", money(used.orders, code), "before the discount"),
        ("Discounts given", money(used.cost, code), "by uses that stayed"),
        ("Costs at most", money(most, code), "every use at its worst"),
    ]
    context |= {
        "coupon": coupon,
        "key_numbers": key_numbers if campaign.launched_at else key_numbers[-1:],
        "results": results_of(campaign, at=timezone.now()),
    }
    return TemplateResponse(request, "admin/campaigns/campaign/general.html", context)
