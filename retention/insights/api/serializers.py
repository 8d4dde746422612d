"""Shapes of what the API answers about insights."""

from rest_framework import serializers

from retention.access.api.bodies import Body
from retention.access.api.choices import Choice
from retention.insights.judged import verdict_sentence
from retention.insights.models import ChurnScore, Kind, ModelVersion, TrainingRun
from retention.insights.wording_value import next_order_in_words


class ReasonSerializer(serializers.Serializer[dict[str, object]]):
    feature = serializers.CharField(help_text="The fact that tells it.")
    theme = serializers.CharField(
        default="", help_text="The story of which all facts are in `effect`."
    )
    value = serializers.FloatField(allow_null=True)
    effect = serializers.FloatField(
        help_text="Log-odds, of all facts of the theme together; above 0 raises the risk."
    )
    sentence = serializers.CharField(help_text="The fact and its counter-fact, in words.")


class ScoredReasonSerializer(ReasonSerializer):
    sets_apart = serializers.BooleanField(
        default=False,
        help_text="For a list: of the reasons that raise the risk considerably, the one furthest "
        "above what it adds to the others of the band on average. One at most.",
    )


class ScoreSerializer(serializers.ModelSerializer[ChurnScore]):
    customer = serializers.CharField(source="customer.external_id")
    model_version = serializers.CharField(source="version")
    value_version = serializers.CharField(allow_null=True)
    reasons = ScoredReasonSerializer(many=True)
    next_order = serializers.SerializerMethodField(
        help_text="For people: whether and when they order next, as `churn_probability` has it."
    )

    class Meta:
        model = ChurnScore
        fields = (
            "customer",
            "churn_probability",
            "horizon_days",
            "churn_band",
            "reasons",
            "base_log_odds",
            "historic_clv",
            "predicted_clv",
            "predicted_clv_low",
            "predicted_clv_high",
            "predicted_number_of_orders",
            "probability_of_order",
            "average_days_between_orders",
            "expected_date_of_next_order",
            "next_order",
            "currency",
            "model_version",
            "value_version",
            "computed_at",
        )

    def get_next_order(self, score: ChurnScore) -> str:
        return next_order_in_words(score)


LEFT_OUT = "By cleaning: customers and events, and in `capped` lines that count otherwise."


class ModelVersionSerializer(serializers.ModelSerializer[ModelVersion]):
    sentence = serializers.SerializerMethodField(help_text="For people: does it serve, and why.")
    metrics = serializers.DictField(source="run.metrics")
    row_counts = serializers.DictField(source="run.row_counts")
    left_out = serializers.DictField(source="run.left_out", help_text=LEFT_OUT)

    class Meta:
        model = ModelVersion
        fields: tuple[str, ...] = (
            "id",
            "kind",
            "number",
            "state",
            "verdict",
            "sentence",
            "metrics",
            "row_counts",
            "left_out",
            "created_at",
            "promoted_at",
        )

    def get_sentence(self, version: ModelVersion) -> str:
        return verdict_sentence(version, getattr(version, "serving", None))


class TrainingRunSerializer(serializers.ModelSerializer[TrainingRun]):
    metrics = serializers.DictField()
    row_counts = serializers.DictField()
    left_out = serializers.DictField(help_text=LEFT_OUT)

    class Meta:
        model = TrainingRun
        fields = (
            "id",
            "kind",
            "state",
            "asked_by",
            "message",
            "error",
            "metrics",
            "row_counts",
            "left_out",
            "started_at",
            "finished_at",
        )


class TrainSerializer(Body[object]):
    kind = Choice(choices=Kind.choices)


class AskedSerializer(serializers.Serializer[object]):
    job = serializers.IntegerField(help_text="The job's number, as on the jobs page.")
