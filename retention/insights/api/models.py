"""The exam of a model for machines: the same figures as on its page in the admin."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from retention.insights.judged import FIGURES, groups, sides
from retention.insights.models import ModelVersion

from .cards import CardShape, WatchShape, card_shown, watch_shown
from .figures import FigureShape
from .serializers import ModelVersionSerializer

RESULTS = {True: "PASSED", False: "FAILED", None: "NOT_ASKED"}


class FiguresShape(serializers.Serializer[object]):
    """Null where one is not known."""

    ndcg = FigureShape(allow_null=True, help_text="nDCG@10.")
    recall = FigureShape(allow_null=True, help_text="Recall@20.")
    mean_average_precision = FigureShape(allow_null=True, help_text="Of the first ten.")
    coverage = FigureShape(allow_null=True, help_text="Share of the catalogue shown.")
    novelty = FigureShape(allow_null=True, help_text="In bits.")
    diversity = FigureShape(allow_null=True)
    new_share = FigureShape(allow_null=True, help_text="Of products new to the customer.")


class SideShape(serializers.Serializer[object]):
    who = serializers.ChoiceField(
        choices=["candidate", "champion", "popularity"],
        help_text="This version, the one that served when it was learned, what is popular.",
    )
    number = serializers.IntegerField(allow_null=True, help_text="The version's; null: no version.")
    figures = FiguresShape()


class SatShape(serializers.Serializer[object]):
    group = serializers.ChoiceField(choices=["everyone", "new", "casual", "loyal"])
    customers = serializers.IntegerField(allow_null=True)
    sides = SideShape(many=True)
    over_popularity = FigureShape(allow_null=True, help_text="nDCG@10 less that of the popular.")
    over_champion = FigureShape(allow_null=True, help_text="Less that of the version that served.")


class WindowShape(serializers.Serializer[object]):
    first_day = serializers.DateField(source="from")
    until_day = serializers.DateField(source="until", help_text="The day after the last.")
    customers = serializers.IntegerField()


class TrialShape(serializers.Serializer[object]):
    name = serializers.CharField()
    ndcg = FigureShape()
    ahead = FigureShape(help_text="Of the first that was tried.")


class ChoiceShape(serializers.Serializer[object]):
    window = WindowShape(allow_null=True, help_text="Earlier than the exam's; null: too little.")
    ahead_there = serializers.CharField()
    chosen = serializers.CharField(help_text="What the exam confirmed.")
    trials = TrialShape(many=True)


class QuestionShape(serializers.Serializer[object]):
    question = serializers.CharField()
    answer = serializers.CharField()
    result = serializers.ChoiceField(choices=list(RESULTS.values()))


class ExamShape(serializers.Serializer[object]):
    groups = SatShape(many=True, help_text="Everyone first; without groups nobody is in.")
    windows = WindowShape(many=True)
    choice = ChoiceShape(allow_null=True)
    questions = QuestionShape(many=True)


class ModelSerializer(ModelVersionSerializer):
    exam = serializers.SerializerMethodField(help_text="Null for kinds that sit none.")
    card = serializers.SerializerMethodField(help_text="Null for kinds that have none.")
    watch = serializers.SerializerMethodField(help_text="The last night's; null: none yet.")

    class Meta(ModelVersionSerializer.Meta):
        fields = (*ModelVersionSerializer.Meta.fields, "exam", "card", "watch")

    @extend_schema_field(CardShape(allow_null=True))
    def get_card(self, version: ModelVersion) -> dict[str, Any] | None:
        return card_shown(version)

    @extend_schema_field(WatchShape(allow_null=True))
    def get_watch(self, version: ModelVersion) -> dict[str, Any] | None:
        return watch_shown(version)

    @extend_schema_field(ExamShape(allow_null=True))
    def get_exam(self, version: ModelVersion) -> dict[str, Any] | None:
        metrics = version.run.metrics
        if not isinstance(metrics.get("ndcg"), Mapping):
            return None
        own = (metrics.get("champion") or {}).get("number")
        numbers = {"candidate": version.number, "champion": own}
        sat = [("everyone", metrics), *groups(metrics)]
        exam = {
            "groups": [_sat(name, of, numbers) for name, of in sat],
            "windows": metrics.get("windows") or [],
            "choice": metrics.get("choice"),
            "questions": [
                each | {"result": RESULTS[each["right"]]} for each in metrics.get("smoke") or []
            ],
        }
        shown: dict[str, Any] = ExamShape(exam).data
        return shown


def _sat(name: str, of: Mapping[str, Any], numbers: Mapping[str, int | None]) -> dict[str, Any]:
    return {
        "group": name,
        "customers": of.get("customers"),
        "sides": [
            {
                "who": side.key,
                "number": numbers.get(side.key),
                "figures": {figure: side.figures.get(figure) for figure in FIGURES},
            }
            for side in sides(of)
        ],
        "over_popularity": of.get("over_popularity"),
        "over_champion": of.get("over_champion"),
    }
