"""Events in."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.batches import BatchParser, read_batch
from catalog.api.schema import batch_examples, batch_request, batch_responses
from customers.messages import EventMessage
from customers.services.ingest import ingest_events
from retention.access.api import idempotent
from retention.access.models import Scope

PURCHASE = {
    "kind": "PURCHASE",
    "message_id": "9f1c7a52",
    "customer": "c-1042",
    "product": "mug-1",
    "quantity": 2,
    "unit_price": 1250,
    "currency": "GBP",
    "order_id": "o-77",
    "occurred_at": "2026-05-31T18:22:05Z",
}
VIEW = {
    "kind": "VIEW",
    "source": "web",
    "customer": "d41d8cd9",
    "customer_source": "web",
    "product": "mug-1",
    "occurred_at": "2026-05-31T18:20:00Z",
}


class EventList(APIView):
    """What customers did. An event counts once, however often it is sent."""

    required_scopes = {"POST": Scope.EVENTS_WRITE}
    parser_classes = [BatchParser]

    @extend_schema(
        summary="Send in events",
        description=(
            "One, or a list of up to 1,000. The answer comes when they are committed. An event is"
            " known by its source and message_id; without a message_id, equal content counts once."
            " Customers and products that are not known yet are made."
        ),
        request=batch_request(EventMessage),
        responses=batch_responses("stored", "duplicates"),
        examples=batch_examples(
            [PURCHASE, VIEW],
            {"stored": 2, "duplicates": 0},
            {
                "index": 1,
                "reason": "missing_order_id",
                "detail": "A PURCHASE needs the order_id of its order.",
            },
        ),
    )
    @idempotent
    def post(self, request: Request) -> Response:
        batch = read_batch(request, EventMessage)
        done = ingest_events(batch.messages, at=timezone.now())
        return batch.answer(done.refused, stored=done.stored, duplicates=done.duplicates)
