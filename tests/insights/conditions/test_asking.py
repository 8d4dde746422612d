"""The compiler says what a plain reading of the rule says, whatever the rule and the shop."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings

from retention.insights.conditions.asking import TookTooLong, members_of, within
from retention.insights.conditions.kinds import kinds
from retention.insights.conditions.tree import read_rule
from tests.insights.conditions import rules, slowly
from tests.make import NOW

pytestmark = pytest.mark.django_db
SAME: dict[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}
ENDLESS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)"
    " SELECT COUNT(*) FROM n"
)
Shop = list[slowly.Person]


@pytest.fixture(scope="module")
def shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[Shop]:
    """A random shop, as all that is known of its customers who may be analysed."""
    with django_db_blocker.unblock(), transaction.atomic():
        rules.open_shop(7)
        yield [one for one in slowly.people() if "ANALYTICS" not in one.objected]
        transaction.set_rollback(True)


def found(rule: Any, shop: Shop) -> list[int]:
    """Whom a plain reading finds, which the compiled rule must find as well."""
    node = read_rule(rule)
    slowly_found = [one.row.pk for one in shop if slowly.holds(node, one, NOW)]
    assert members_of(node, at=NOW, seconds=60) == slowly_found, rule
    return slowly_found


@settings(max_examples=200, **SAME)
@given(rule=rules.rules())
def test_a_rule_finds_whom_a_plain_reading_finds(rule: Any, shop: Shop) -> None:
    found(rule, shop)


@pytest.mark.parametrize("kind", sorted(rules.VALUES))
def test_every_condition_does_and_tells_some_customers_from_others(kind: str, shop: Shop) -> None:
    told: list[bool] = []

    @settings(max_examples=40, **SAME)
    @given(rule=rules.condition(kinds()[kind]))
    def asked(rule: Any) -> None:
        told.append(0 < len(found(rule, shop)) < len(shop))

    asked()

    assert any(told)


def test_nothing_that_can_be_said_is_left_out_of_these_tests() -> None:
    assert set(rules.VALUES) == set(kinds()) == set(slowly.TRUE_OF)


def test_what_takes_too_long_is_cut_off_and_the_connection_goes_on() -> None:
    with connection.cursor() as cursor:
        with pytest.raises(TookTooLong, match=r"within 0\.05 seconds"), within(0.05):
            cursor.execute(ENDLESS)

        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
