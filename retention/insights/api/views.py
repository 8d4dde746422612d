from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from customers.api.finding import OfCustomer
from retention.access.api import Problem, idempotent
from retention.access.api.bodies import refuse_fields
from retention.access.api.finding import ByNumber, by_number
from retention.access.models import Scope
from retention.insights.models import ChurnScore, ModelVersion, TrainingRun
from retention.insights.refreshing import ask_for_rows, ask_for_training
from retention.insights.services.promote import NotPromotable, promote
from retention.jobs.services.ask import ask

from . import serializers as shapes
from .models import ModelSerializer

REFUSED = OpenApiResponse(description="It serves already, or cannot be read any more.")
NO_SCORE = (
    "Customer {} has no score: they objected to being analysed, their last order is too long ago, "
    "or nothing was scored yet."
)


class ChurnView(OfCustomer):
    """How likely a customer is to leave, what they are worth, and why."""

    required_scopes = {"GET": Scope.READ}

    @extend_schema(
        summary="Churn and value of a customer",
        operation_id="customer_churn",
        responses=shapes.ScoreSerializer,
    )
    def get(self, request: Request, external_id: str) -> Response:
        customer = self.customer(external_id)
        scores = ChurnScore.objects.consented().select_related(
            "customer", "version__run", "value_version"
        )
        score = scores.filter(customer=customer).first()
        if score is None:
            raise Problem(404, "No score", NO_SCORE.format(external_id))
        return Response(shapes.ScoreSerializer(score).data)


@extend_schema(summary="List models")
class ModelsView(ListAPIView[ModelVersion]):
    """What was learned, how good it is, and which version serves."""

    required_scopes = {"GET": Scope.READ}
    serializer_class = shapes.ModelVersionSerializer
    queryset = ModelVersion.objects.select_related("run").beside_the_serving()
    filterset_fields = ("kind", "state")


@extend_schema(summary="A model")
class ModelView(ByNumber[ModelVersion]):
    """One version with its exam: who sat it, by group, on which days, and what it was asked."""

    required_scopes = {"GET": Scope.READ}
    serializer_class = ModelSerializer
    queryset = ModelVersion.objects.select_related("run").beside_the_serving()


class PromoteView(APIView):
    """Make a version the one that serves, as when rolling back."""

    required_scopes = {"POST": Scope.MODELS_WRITE}

    @extend_schema(
        summary="Promote a model",
        operation_id="promote_model",
        request=None,
        responses={200: shapes.ModelVersionSerializer, 409: REFUSED},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        refuse_fields(request)
        version = by_number(ModelVersion.objects.select_related("run"), pk)
        at, who = timezone.now(), str(request.user)
        try:
            promote(version, at=at, actor=who, verdict=f"Chosen by {who}.")
        except NotPromotable as refused:
            raise Problem(409, "Not promotable", str(refused)) from refused
        ask_for_rows(version.kind, at=at, asked_by=who)
        return Response(shapes.ModelVersionSerializer(version).data)


@extend_schema_view(get=extend_schema(summary="List training runs"))
class TrainingRunsView(ListAPIView[TrainingRun]):
    """Every attempt to learn; POST asks for a new one."""

    required_scopes = {"GET": Scope.READ, "POST": Scope.MODELS_WRITE}
    serializer_class = shapes.TrainingRunSerializer
    queryset = TrainingRun.objects.all()
    filterset_fields = ("kind", "state")

    @extend_schema(
        summary="Train a model",
        operation_id="train_model",
        request=shapes.TrainSerializer,
        responses={202: shapes.AskedSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        wanted = shapes.TrainSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        kind = wanted.validated_data["kind"]
        run = ask_for_training(kind, at=timezone.now(), asked_by=str(request.user))
        return Response(shapes.AskedSerializer({"job": run.pk}).data, status=202)


@extend_schema(summary="A training run")
class TrainingRunView(ByNumber[TrainingRun]):
    """One attempt to learn."""

    required_scopes = {"GET": Scope.READ}
    serializer_class = shapes.TrainingRunSerializer
    queryset = TrainingRun.objects.all()


class CompareView(APIView):
    """Classifiers beside the serving churn model: the exam stands in its `metrics`."""

    required_scopes = {"POST": Scope.MODELS_WRITE}

    @extend_schema(
        summary="Compare classifiers of churn",
        description="A job has them sit the serving model's exam, which takes minutes; how each did"
        " is in `metrics.classifiers` of that model.",
        operation_id="compare_classifiers",
        request=None,
        responses={202: shapes.AskedSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        refuse_fields(request)
        run = ask("insights.compare", at=timezone.now(), asked_by=str(request.user))
        return Response(shapes.AskedSerializer({"job": run.pk}).data, status=202)
