"""The card and the watch of a churn model for machines: the same as on its page in the admin."""

from typing import Any

from rest_framework import serializers

from retention.insights.cards import card_of
from retention.insights.models import ModelVersion
from retention.insights.watched import newest_watch, sentences
from retention.learning.churn.watching import Decay

from .figures import FigureShape


class ReliabilityShape(serializers.Serializer[object]):
    n = serializers.IntegerField(help_text="Customers of like predictions.")
    said = serializers.FloatField(help_text="Their mean prediction.")
    happened = FigureShape(help_text="Share that left.")


class GroupShape(serializers.Serializer[object]):
    kind = serializers.CharField()
    group = serializers.CharField(help_text="At least 20 customers; smaller ones are told as one.")
    customers = serializers.IntegerField()
    said = serializers.FloatField(help_text="Mean prediction.")
    happened = FigureShape(help_text="Share that left.")
    auc = FigureShape()


class DriverShape(serializers.Serializer[object]):
    feature = serializers.CharField()
    words = serializers.CharField(source="label")
    effect = serializers.FloatField(help_text="How far it moves a customer on average, log-odds.")


class CardShape(serializers.Serializer[object]):
    purpose = serializers.CharField()
    audience = serializers.CharField()
    window_start = serializers.DateTimeField(allow_null=True)
    window_end = serializers.DateTimeField(allow_null=True)
    groups = GroupShape(many=True, help_text="Of the exam; empty for older versions.")
    reliability = ReliabilityShape(many=True)
    drivers = DriverShape(many=True, help_text="The strongest first; empty for older versions.")
    limits = serializers.ListField(child=serializers.CharField())
    not_for = serializers.CharField()
    never = serializers.ListField(child=serializers.CharField())


class StabilityShape(serializers.Serializer[object]):
    index = serializers.FloatField(help_text="Population stability index against the exam.")
    chance = serializers.FloatField(help_text="Chance alone exceeds it once in 1,000 nights.")


class MovedFeatureShape(StabilityShape):
    feature = serializers.CharField()
    push = serializers.FloatField(help_text="Log-odds it adds to the mean prediction.")
    before = serializers.FloatField(allow_null=True, help_text="Median in the exam.")
    now = serializers.FloatField(allow_null=True, help_text="Median.")
    missing_before = serializers.FloatField(help_text="Share not known.")
    missing_now = serializers.FloatField()


class MaturedShape(serializers.Serializer[object]):
    predicted_on = serializers.DateField()
    customers = serializers.IntegerField()
    said = serializers.FloatField(help_text="Mean prediction.")
    happened = FigureShape(help_text="Share that left.")
    auc = FigureShape()
    log_loss = FigureShape()
    ece = FigureShape(help_text="Calibration error.")
    reliability = ReliabilityShape(many=True)


class WatchShape(serializers.Serializer[object]):
    on = serializers.DateField()
    watched_at = serializers.DateTimeField()
    customers = serializers.IntegerField()
    said = serializers.FloatField(help_text="Mean prediction.")
    scores = StabilityShape(allow_null=True, help_text="Null for older versions.")
    features = MovedFeatureShape(many=True)
    matured = MaturedShape(allow_null=True, help_text="Null where nothing is known yet.")
    promised = FigureShape(help_text="AUC in the exam.")
    decays = serializers.ListField(child=serializers.ChoiceField(choices=[d.value for d in Decay]))
    sentences = serializers.ListField(
        child=serializers.CharField(), help_text="For people: what is wrong; empty: nothing."
    )


def card_shown(version: ModelVersion) -> dict[str, Any] | None:
    """As CardShape; None for kinds without a card."""
    card = card_of(version)
    if card is None:
        return None
    run = version.run
    shown: dict[str, Any] = CardShape(
        {
            **vars(card),
            "window_start": run.window_start_at,
            "window_end": run.window_end_at,
            "reliability": run.metrics.get("reliability", []),
        }
    ).data
    return shown


def watch_shown(version: ModelVersion) -> dict[str, Any] | None:
    """As WatchShape; None where nobody looked at this version yet."""
    last = newest_watch(version)
    if last is None:
        return None
    shown: dict[str, Any] = WatchShape(
        {
            **last.figures,
            "on": last.on,
            "watched_at": last.watched_at,
            "decays": last.decays,
            "sentences": sentences(last),
        }
    ).data
    return shown
