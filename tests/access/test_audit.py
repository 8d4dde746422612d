import pytest

from retention.access.audit import first_broken, record
from retention.access.models import AuditEntry
from tests import make

pytestmark = pytest.mark.django_db


def entries(n: int) -> list[AuditEntry]:
    product = make.product()
    return [
        record(
            "price",
            thing=product,
            actor="anna",
            at=make.NOW,
            before={"price": price},
            after={"price": price + 1},
        )
        for price in range(n)
    ]


def test_an_untouched_log_is_whole() -> None:
    entries(3)

    assert first_broken() is None


def test_an_edited_entry_breaks_the_log_there() -> None:
    _, second, _ = entries(3)
    AuditEntry.objects.filter(pk=second.pk).update(actor="somebody else")

    assert first_broken() == second


def test_a_deleted_entry_breaks_the_log_behind_it() -> None:
    first, _, third = entries(3)
    AuditEntry.objects.filter(pk=first.pk + 1).delete()

    assert first_broken() == third
