"""The shapes of what a campaign would do. Money is an integer of minor units."""

from typing import Any

from rest_framework import serializers

from campaigns.models import Campaign

BASES = [(one, one) for one in ("UPLIFT", "PAST", "ASSUMED")]
"""What is believed of offers rests on."""


class ExclusionOut(serializers.Serializer[Any]):
    reason = serializers.CharField()
    text = serializers.CharField(source="label", help_text="For people.")
    count = serializers.IntegerField(help_text="Left out by this rule and by none before it.")


class ArmOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    customers = serializers.IntegerField()
    worst_case = serializers.IntegerField()
    compared = serializers.IntegerField(
        help_text="Customers of the control that this offer is measured against."
    )
    too_few = serializers.BooleanField(
        help_text="One of the two is too small for an interval to be believed."
    )


class FirstCustomerOut(serializers.Serializer[Any]):
    external_id = serializers.CharField()
    churn_probability = serializers.FloatField(allow_null=True)
    predicted_clv = serializers.IntegerField(allow_null=True)
    chance_without = serializers.FloatField(
        allow_null=True,
        help_text="Of an order within the days measured, without an offer; null without a score.",
    )
    chance_with = serializers.FloatField(allow_null=True)
    uplift = serializers.FloatField(
        allow_null=True,
        help_text="What uplift models say a coupon adds to it; null where none serves.",
    )
    gain = serializers.IntegerField(help_text="Expected to be earned, minor units; see ranked_by.")
    offer = serializers.CharField(
        help_text="The offer that is worth most for them; empty where the lot decides."
    )
    occasion = serializers.CharField(help_text="What triggered it; empty without a trigger.")
    reasons = serializers.ListField(child=serializers.DictField())
    send_weekday = serializers.CharField(
        source="send_time.weekday_name",
        default=None,
        allow_null=True,
        help_text="Null where nothing is known.",
    )
    send_hour = serializers.IntegerField(
        source="send_time.hour",
        default=None,
        allow_null=True,
        help_text="0 to 23, on their own clock.",
    )


class GroupRateOut(serializers.Serializer[Any]):
    """How often a group of customers is chosen, against everybody else of the band or segment."""

    by = serializers.CharField()
    name = serializers.CharField()
    customers = serializers.IntegerField()
    chosen = serializers.IntegerField()
    ratio = serializers.FloatField(help_text="Of its rate to everybody else's.")
    low = serializers.FloatField()
    high = serializers.FloatField()
    promised = serializers.IntegerField(
        allow_null=True, help_text="The most a coupon takes off, on average; null without any."
    )
    unfair = serializers.BooleanField(help_text="Below four fifths, beyond chance.")


class VolumeOut(serializers.Serializer[Any]):
    days = serializers.IntegerField()
    customers = serializers.IntegerField(help_text="To whom it happened in these last days.")


class PreviewOut(serializers.Serializer[Any]):
    """What a launch at this moment would do."""

    found = serializers.IntegerField()
    exclusions = ExclusionOut(many=True)
    chosen = serializers.IntegerField()
    treated = serializers.IntegerField()
    control = serializers.IntegerField()
    control_between = serializers.ListField(
        child=serializers.IntegerField(),
        min_length=2,
        max_length=2,
        help_text="From and to how many, in 95 of 100 lots. In waves or with a trigger the lot"
        " falls as customers come in: `treated`, `control` and `arms` are what to expect. Else"
        " twice `control`: a launch does exactly this.",
    )
    arms = ArmOut(many=True)
    worst_case = serializers.IntegerField(help_text="Every coupon used at its most.")
    expected_cost = serializers.IntegerField(help_text="What the scores let expect.")
    baseline = serializers.FloatField(help_text="Share expected to order anyway.")
    detectable = serializers.FloatField(
        allow_null=True,
        help_text="Smallest difference in that share it can detect (80% power); with a trigger if"
        " customers go on coming as in the days of the preview.",
    )
    between = serializers.FloatField(
        allow_null=True,
        help_text="The same between two offers that are drawn by lot; null where none are.",
    )
    currency = serializers.CharField()
    ranked_by = serializers.ChoiceField(
        choices=BASES,
        help_text="What each is expected to earn, by what is believed of offers. UPLIFT: models of"
        " past campaigns tell whom coupons change. PAST: what these measured together. ASSUMED: not"
        " yet causal.",
    )
    assigning = serializers.ChoiceField(choices=Campaign.Assigning.choices)
    gap = serializers.FloatField(
        allow_null=True,
        help_text="WORTH: what the choice of offers may lack to the best under the budget, as a"
        " share. Null by lot.",
    )
    fairness = GroupRateOut(
        many=True, help_text="By each attribute of FAIRNESS_ATTRIBUTES; small groups are joined."
    )
    waves = serializers.IntegerField(
        help_text="Parts in which they come in; 0 where all at once or one by one."
    )
    volumes = VolumeOut(
        many=True,
        help_text="With a trigger, and the rest of the preview is of the first of these days, had"
        " it run, under today's rules; else none.",
    )
    first = FirstCustomerOut(many=True)


class RangeOut(serializers.Serializer[Any]):
    value = serializers.IntegerField()
    low = serializers.IntegerField()
    high = serializers.IntegerField()


class ResponseOut(serializers.Serializer[Any]):
    basis = serializers.ChoiceField(
        choices=BASES,
        help_text="UPLIFT: measured on held-out customers. PAST: measured campaigns and the"
        " assumption. ASSUMED: none was measured yet, and the ranges are no measured intervals.",
    )
    value = serializers.FloatField(
        help_text="By which an offer of 15 % off multiplies the odds of an order; with UPLIFT what"
        " is added as a multiple of what is expected."
    )
    low = serializers.FloatField()
    high = serializers.FloatField()
    campaigns = serializers.IntegerField(help_text="Measured ones that say so.")


class PointOut(serializers.Serializer[Any]):
    budget = serializers.IntegerField()
    treated = serializers.IntegerField()
    net = RangeOut()


class WhatIfOut(serializers.Serializer[Any]):
    """What a launch at this moment would do with these settings."""

    offers = serializers.ListField(child=serializers.CharField())
    found = serializers.IntegerField()
    exclusions = ExclusionOut(many=True)
    chosen = serializers.IntegerField()
    treated = serializers.IntegerField()
    control = serializers.IntegerField()
    worst_case = serializers.IntegerField(help_text="Every coupon used at its most.")
    kept = RangeOut(help_text="Margin that added orders are expected to bring.")
    cost = RangeOut(help_text="Expected to be taken off.")
    wasted = RangeOut(help_text="Of the cost, on who would order anyway.")
    net = RangeOut(help_text="Kept less cost.")
    detectable = serializers.FloatField(allow_null=True)
    margin = serializers.FloatField(help_text="What of a sale is counted as kept.")
    margin_known = serializers.BooleanField(help_text="Or else it is assumed.")
    response = ResponseOut()
    curve = PointOut(
        many=True,
        help_text="Over the budget, each outcome once; none where nobody gets a coupon.",
    )
    currency = serializers.CharField()
