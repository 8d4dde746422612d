"""Moving a campaign on: one address a verb, each safe to repeat with an Idempotency-Key."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from campaigns.asking import ask_to_issue, ask_to_launch
from campaigns.models import Campaign
from campaigns.services.approve import approve_campaign
from campaigns.services.cancel import cancel_campaign
from campaigns.services.launch import refuse_unlaunchable
from campaigns.services.pause import pause_campaign
from campaigns.services.resume import resume_campaign
from campaigns.services.submit import submit_campaign
from retention.access.api import idempotent
from retention.access.api.bodies import NoBody
from retention.access.api.finding import by_number
from retention.access.models import Scope

from .answers import CampaignOut
from .asked import CancelIn, RevisionIn
from .campaigns import actor_of
from .refusals import refusals_as_problems

CONFLICT = OpenApiResponse(description="Not possible in the state it is in: `detail` says why.")

NO_PERSON = OpenApiResponse(description="A key is no person, and nobody approves their own.")


class Transition(APIView):
    """Reads the body, makes the one call, answers with the campaign as it is then."""

    required_scopes = {"POST": Scope.CAMPAIGNS_WRITE}
    body: ClassVar[type[Serializer[Any]]] = NoBody

    def move(self, request: Request, pk: int, *, status: int = 200) -> Response:
        by_number(Campaign.objects.all(), pk)
        asked = self.body(data=request.data)
        asked.is_valid(raise_exception=True)
        given: dict[str, Any] = asked.validated_data
        with refusals_as_problems():
            campaign = self.act(pk, {"by": actor_of(request), "at": timezone.now()}, given)
        return Response(CampaignOut(campaign).data, status=status)

    def act(self, pk: int, who: dict[str, Any], given: dict[str, Any]) -> Campaign:
        raise NotImplementedError


class Submit(Transition):
    """Send a draft in. Where its budget is within the approval limit it is approved at once."""

    body = RevisionIn

    @extend_schema(
        summary="Submit a campaign", request=RevisionIn, responses={200: CampaignOut, 409: CONFLICT}
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return self.move(request, pk)

    def act(self, pk: int, who: dict[str, Any], given: dict[str, Any]) -> Campaign:
        return submit_campaign(pk, **who, **given)


class Approve(Transition):
    """Agree to what someone else's campaign may cost. For people only: every key is refused.

    The admin has a button for it; here it takes a session of someone who may do everything.
    """

    body = RevisionIn

    @extend_schema(
        summary="Approve a campaign (people only)",
        request=RevisionIn,
        responses={200: CampaignOut, 403: NO_PERSON, 409: CONFLICT},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return self.move(request, pk)

    def act(self, pk: int, who: dict[str, Any], given: dict[str, Any]) -> Campaign:
        return approve_campaign(pk, **who, **given)


class Launch(Transition):
    """Freeze the audience and issue the coupons; it is done by a worker, so look again."""

    @extend_schema(
        summary="Launch a campaign", request=None, responses={202: CampaignOut, 409: CONFLICT}
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return self.move(request, pk, status=202)

    def act(self, pk: int, who: dict[str, Any], given: dict[str, Any]) -> Campaign:
        campaign = Campaign.objects.get(pk=pk)
        refuse_unlaunchable(campaign)
        ask_to_launch(campaign, **who)
        return campaign


class Pause(Transition):
    """Issue no more coupons after the chunk in flight. Those that are out stay good; a code for all
    is refused meanwhile."""

    @extend_schema(
        summary="Pause a campaign", request=None, responses={200: CampaignOut, 409: CONFLICT}
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return self.move(request, pk)

    def act(self, pk: int, who: dict[str, Any], given: dict[str, Any]) -> Campaign:
        return pause_campaign(pk, **who)


class Resume(Transition):
    """Go on where it stopped."""

    @extend_schema(
        summary="Resume a campaign", request=None, responses={200: CampaignOut, 409: CONFLICT}
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return self.move(request, pk)

    def act(self, pk: int, who: dict[str, Any], given: dict[str, Any]) -> Campaign:
        campaign = resume_campaign(pk, **who)
        ask_to_issue(campaign, **who)
        return campaign


class Cancel(Transition):
    """End it for good. Coupons that are out stay good unless they are withdrawn too."""

    body = CancelIn

    @extend_schema(
        summary="Cancel a campaign", request=CancelIn, responses={200: CampaignOut, 409: CONFLICT}
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return self.move(request, pk)

    def act(self, pk: int, who: dict[str, Any], given: dict[str, Any]) -> Campaign:
        return cancel_campaign(pk, **who, **given)
