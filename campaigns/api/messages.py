"""How a campaign reaches its customers: its words, and what became of each message."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.letters import PLACEHOLDERS
from campaigns.models import Campaign, Channel, Message
from campaigns.services.word_message import MessagePlan, message_plan_of, word_message
from retention.access.api import idempotent
from retention.access.api.bodies import Body
from retention.access.api.choices import Choice
from retention.access.api.finding import by_number
from retention.access.models import Scope

from .campaigns import actor_of
from .refusals import refusals_as_problems
from .transitions import CONFLICT

KNOWN = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
WORDS = {
    "channel": "EMAIL",
    "subject": "{first name|Hello}, {offer}",
    "body": "Your code: {code}, until {valid until}.",
}


class WordsIn(Body[MessagePlan]):
    channel = Choice(choices=Channel.choices)
    subject = serializers.CharField(max_length=150, required=False, help_text="One line.")
    body = serializers.CharField(
        max_length=5000, required=False, help_text=f"With {{code}}; known are {KNOWN}."
    )
    at_best_hour = serializers.BooleanField(
        required=False, help_text="Wait for the weekday and hour at which each is usually there."
    )


class WordsOut(serializers.Serializer[Any]):
    channel = serializers.ChoiceField(choices=Channel.choices)
    subject = serializers.CharField(allow_blank=True)
    body = serializers.CharField(allow_blank=True)
    at_best_hour = serializers.BooleanField()
    revision = serializers.IntegerField(help_text="Of the campaign, with these words.")


class MessageOut(serializers.ModelSerializer[Message]):
    customer = serializers.CharField(
        source="customer.current.external_id", help_text="Your customer id."
    )
    code = serializers.CharField(source="coupon.code")
    reason_text = serializers.CharField(
        source="get_reason_display", help_text="For people; empty where it was or will be sent."
    )

    class Meta:
        model = Message
        fields = [
            "key",
            "customer",
            "code",
            "channel",
            "state",
            "reason",
            "reason_text",
            "due_at",
            "attempts",
            "sent_at",
        ]


class Words(APIView):
    """The channel and the words of a campaign. A POST changes those of a draft."""

    required_scopes = {"GET": Scope.READ, "POST": Scope.CAMPAIGNS_WRITE}

    @extend_schema(summary="Read a campaign's message", responses=WordsOut)
    def get(self, request: Request, pk: int) -> Response:
        return _answer(by_number(Campaign.objects.all(), pk))

    @extend_schema(
        summary="Write a campaign's message",
        request=WordsIn,
        responses={200: WordsOut, 409: CONFLICT},
        examples=[OpenApiExample("E-mail", value=WORDS, request_only=True)],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        campaign = by_number(Campaign.objects.all(), pk)
        asked = WordsIn(data=request.data)
        asked.is_valid(raise_exception=True)
        plan = MessagePlan(**asked.validated_data)
        with refusals_as_problems():
            word_message(campaign.pk, plan, by=actor_of(request), at=timezone.now())
        campaign.refresh_from_db()
        return _answer(campaign)


def _answer(campaign: Campaign) -> Response:
    said = asdict(message_plan_of(campaign)) | {"revision": campaign.revision}
    return Response(WordsOut(said).data)


class MessageQuery(serializers.Serializer[Any]):
    state = Choice(choices=Message.State.choices, required=False)


class MessageList(ListAPIView[Message]):
    """The messages of a campaign, newest first: one beside each coupon."""

    required_scopes = {"GET": Scope.COUPONS_READ}
    serializer_class = MessageOut
    filter_backends = []
    queryset = Message.objects.none()

    @extend_schema(parameters=[MessageQuery], summary="List a campaign's messages")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Message]:
        query = MessageQuery(data=self.request.query_params.dict())
        query.is_valid(raise_exception=True)
        campaign = by_number(Campaign.objects.all(), self.kwargs["pk"])
        messages = campaign.messages.select_related("customer__merged_into", "coupon")
        return messages.filter(**query.validated_data)
