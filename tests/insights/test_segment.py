import pytest

from customers.services.consent import record_consents
from retention.insights.models import SegmentMembership
from retention.insights.services.segment import segment_everyone
from tests.insights import world

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("learned"),
]


def test_every_buyer_who_may_be_analysed_is_in_one_segment_of_each_kind() -> None:
    open_ones = SegmentMembership.objects.filter(left_at=None)

    by_kind = [open_ones.filter(segment__kind=kind) for kind in ("RFM", "CLUSTER")]

    assert by_kind[0].count() == by_kind[1].count() > 200
    assert {row.customer_id for row in by_kind[0]} == {row.customer_id for row in by_kind[1]}


def test_segmenting_twice_moves_nobody() -> None:
    moved = segment_everyone(at=world.END)

    assert [(kind["entered"], kind["left"]) for kind in moved.values()] == [(0, 0), (0, 0)]


def test_an_objector_leaves_every_segment() -> None:
    who = SegmentMembership.objects.filter(left_at=None)[0].customer_id
    record_consents({(who, "ANALYTICS"): False}, source="test", at=world.END)

    segment_everyone(at=world.END)

    assert not SegmentMembership.objects.filter(customer=who, left_at=None).exists()
