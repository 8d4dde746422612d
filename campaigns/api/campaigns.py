"""Campaigns for machines: draft, preview, move on, and read what they changed."""

from dataclasses import asdict, replace
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.actors import Actor
from campaigns.models import Campaign
from campaigns.selectors.preview import preview
from campaigns.selectors.results import results_of
from campaigns.selectors.trying import settings_of, what_if
from campaigns.selectors.waves import waves_of
from campaigns.services.draft import draft_campaign
from retention.access.api import Problem, idempotent
from retention.access.api.bodies import refuse_fields
from retention.access.api.choices import Choice
from retention.access.api.finding import ByNumber, by_number
from retention.access.models import Scope

from .answers import CampaignOut
from .asked import CampaignIn, WhatIfIn
from .foreseen import PreviewOut, WhatIfOut
from .refusals import refusals_as_problems
from .results import ResultsOut

TOLD = ("offers__products", "offers__gift", "offers__category", "waves")
CONFLICT = OpenApiResponse(description="It was launched, or has one code for all.")
NOBODY_CHOSEN = OpenApiResponse(description="It has one code for all.")
WIN_BACK = {
    "name": "Win them back",
    "bands": ["HIGH"],
    "budget_amount": 50_000,
    "currency": "GBP",
    "control_share": 0.2,
    "offers": [{"benefit": "PERCENT", "percent": 10, "maximum_discount": 1000}],
}


def actor_of(request: Request) -> Actor:
    """The person or the key behind a request."""
    user: Any = request.user
    return Actor.of(user) if isinstance(user, User) else Actor(str(user))


class CampaignQuery(serializers.Serializer[Any]):
    state = Choice(choices=Campaign.State.choices, required=False)


class CampaignList(ListAPIView[Campaign]):
    """Campaigns, newest first; a POST drafts one."""

    required_scopes = {"GET": Scope.READ, "POST": Scope.CAMPAIGNS_WRITE}
    serializer_class = CampaignOut
    filter_backends = []
    queryset = Campaign.objects.none()

    def get_queryset(self) -> QuerySet[Campaign]:
        query = CampaignQuery(data=self.request.query_params.dict())
        query.is_valid(raise_exception=True)
        return Campaign.objects.filter(**query.validated_data).prefetch_related(*TOLD)

    @extend_schema(parameters=[CampaignQuery], summary="List campaigns")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Draft a campaign",
        request=CampaignIn,
        responses={201: CampaignOut},
        examples=[OpenApiExample("Win back", value=WIN_BACK, request_only=True)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        asked = CampaignIn(data=request.data)
        asked.is_valid(raise_exception=True)
        with refusals_as_problems():
            campaign = draft_campaign(asked.plan(), by=actor_of(request), at=timezone.now())
        return Response(CampaignOut(campaign).data, status=201)


@extend_schema(summary="Read a campaign")
class CampaignDetail(ByNumber[Campaign]):
    required_scopes = {"GET": Scope.READ}
    serializer_class = CampaignOut
    queryset = Campaign.objects.prefetch_related(*TOLD)


def _that_chooses(pk: int) -> Campaign:
    campaign = by_number(Campaign.objects.all(), pk)
    if campaign.is_general:
        said = "It has one code for all: nobody is chosen, and nobody compared."
        raise Problem(409, "Not possible", said)
    return campaign


class Preview(APIView):
    """Whom it would reach and what it may cost, were it launched now. Changes nothing."""

    required_scopes = {"POST": Scope.CAMPAIGNS_WRITE}

    @extend_schema(
        summary="Preview a campaign", request=None, responses={200: PreviewOut, 409: NOBODY_CHOSEN}
    )
    def post(self, request: Request, pk: int) -> Response:
        refuse_fields(request)
        campaign = _that_chooses(pk)
        return Response(PreviewOut(preview(campaign, at=timezone.now())).data)


class WhatIf(APIView):
    """What it would cost and keep with other settings, each figure with its range."""

    required_scopes = {"POST": Scope.CAMPAIGNS_WRITE}

    @extend_schema(
        summary="Try other settings", request=WhatIfIn, responses={200: WhatIfOut, 409: CONFLICT}
    )
    def post(self, request: Request, pk: int) -> Response:
        campaign = _that_chooses(pk)
        asked = WhatIfIn(data=request.data)
        asked.is_valid(raise_exception=True)
        if campaign.launched_at is not None:
            raise Problem(409, "Not possible", "It was launched: its result is measured.")
        settings = replace(settings_of(campaign), **asked.validated_data)
        found = what_if(campaign, settings, at=timezone.now())
        return Response(WhatIfOut(asdict(found)).data)


class Results(APIView):
    """What it changed against its control so far, with intervals."""

    required_scopes = {"GET": Scope.READ}

    @extend_schema(summary="Results of a campaign", responses=ResultsOut)
    def get(self, request: Request, pk: int) -> Response:
        campaign = by_number(Campaign.objects.all(), pk)
        found = asdict(results_of(campaign, at=timezone.now()))
        waves = [asdict(wave) for wave in waves_of(campaign)]
        return Response(ResultsOut(found | {"waves": waves}).data)
