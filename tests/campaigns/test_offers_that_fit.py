"""Offers for what fits each customer, never below cost, and several on one order."""

from dataclasses import replace
from time import perf_counter

import pytest

from campaigns.models import Coupon, Offer
from campaigns.orders import Line, Order
from campaigns.selectors.personal import products_for
from campaigns.selectors.validity import Verdict, examine
from campaigns.services.redeem import redeem_coupon
from customers.models import Customer
from retention.insights.models import Kind, ProductPair, RecommendationList
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
ORDER = Order(order_id="o1", customer="ada", amount=5000, currency="GBP")


@pytest.fixture
def ada() -> Customer:
    return make.customer(external_id="ada")


def coupon_for(
    customer: Customer, *, issued: dict[str, object] | None = None, **offer: object
) -> Coupon:
    campaign = make.campaign(state="RUNNING", offer=False)
    made = make.make_offer(campaign=campaign, **({"name": "Ours"} | offer))
    return make.coupon(campaign=campaign, customer=customer, offer=made, **(issued or {}))


def seen(coupon: Coupon, order: Order = ORDER, **fields: object) -> Verdict:
    return examine(coupon.code, order=replace(order, **fields), at=NOW)  # type: ignore[arg-type]  # a test names real fields


def reasons(verdict: Verdict) -> list[str]:
    return [refusal.reason for refusal in verdict.refusals]


def test_no_line_is_sold_below_cost_and_the_others_carry_what_it_cannot(ada: Customer) -> None:
    dear, plain = make.product(cost=950), make.product(cost=None)
    lines = (Line(dear.external_id, 2000, quantity=2), Line(plain.external_id, 3000))

    kept = seen(coupon_for(ada), lines=lines)
    may = seen(coupon_for(ada, may_sell_below_cost=True), lines=lines)

    assert (kept.discount, kept.parts) == (500, (100, 400))
    assert (may.discount, may.parts) == (500, (200, 300))


def test_an_order_of_thousands_of_lines_is_answered_at_once(ada: Customer) -> None:
    lines = tuple(Line(f"p{n}", 100) for n in range(4_000))
    coupon = make.coupon(customer=ada)
    start = perf_counter()

    verdict = seen(coupon, Order("o1", "ada", 400_000, "GBP", lines=lines))

    assert verdict.discount == 1_000
    # Each line compared with each took ten times as long.
    assert perf_counter() - start < 1


def test_where_nothing_can_be_sold_for_less_the_coupon_says_so(ada: Customer) -> None:
    mug = make.product(cost=5000)

    assert reasons(seen(coupon_for(ada), lines=(Line(mug.external_id, 5000),))) == ["no_margin"]


def test_an_offer_on_a_category_counts_what_lies_in_it_and_below(ada: Customer) -> None:
    kitchen, mugs = make.category("Kitchen"), make.category("Kitchen > Mugs")
    inside, beside = (
        make.product(category=mugs),
        make.product(category=make.category("Kitchenware")),
    )
    coupon = coupon_for(ada, scope="CATEGORY", category=kitchen)
    lines = (Line(inside.external_id, 2000), Line(beside.external_id, 3000))

    assert seen(coupon, lines=lines).parts == (200, 0)
    (refusal,) = seen(coupon, amount=3000, lines=lines[1:]).refusals
    assert (refusal.reason, refusal.remedy) == ("no_matching_product", "Add something of Kitchen.")


def test_what_was_found_at_issue_stays_whatever_is_recommended_later(ada: Customer) -> None:
    mug, pot = make.product(), make.product()
    coupon = coupon_for(ada, scope="RECOMMENDED", issued={"products": [mug.external_id]})

    assert seen(coupon, lines=(Line(mug.external_id, 5000),)).discount == 500
    assert reasons(seen(coupon, lines=(Line(pot.external_id, 5000),))) == ["no_matching_product"]


def test_each_customer_gets_their_own_products_and_who_did_not_agree_the_popular(
    ada: Customer,
) -> None:
    objector = make.customer(consents=())
    make.consent(customer=objector, purpose="RECOMMENDATION", granted=False)
    mug, pot, gone = make.product(), make.product(), make.product(sellable=False)
    version = make.model_version(kind=Kind.FACTORIZATION, state="CHAMPION")
    for whose, product in ((ada, gone), (objector, mug), (None, pot)):
        items = [{"product": one.pk, "score": 1.0, "model": "taste"} for one in {product, pot}]
        RecommendationList.objects.create(
            customer=whose, version=version, items=items, computed_at=NOW
        )

    found = products_for(Offer(scope="RECOMMENDED"), [ada.pk, objector.pk])

    assert found == {ada.pk: [pot.external_id], objector.pk: [pot.external_id]}


def test_what_goes_with_the_last_order_is_what_is_bought_with_it_and_was_not(ada: Customer) -> None:
    mug, pot, tea, old = (make.product() for _ in range(4))
    make.event(customer=ada, product=old, occurred_at=NOW.replace(year=2025))
    for product in (mug, pot):
        make.event(customer=ada, product=product, order_id="o7")
    version = make.model_version(kind=Kind.FACTORIZATION, state="CHAMPION")
    for one, other, score in ((mug, pot, 0.9), (mug, tea, 0.5), (old, old, 0.8)):
        ProductPair.objects.create(
            kind="TOGETHER", product=one, other=other, score=score, both=5, of=10, version=version
        )

    assert products_for(Offer(scope="COMPLEMENT"), [ada.pk]) == {ada.pk: [tea.external_id]}


def test_a_coupon_that_stands_alone_refuses_those_after_it_by_priority(ada: Customer) -> None:
    alone = coupon_for(ada, priority=1)
    other = coupon_for(ada, stacking="COMBINABLE", priority=5)
    both = (alone.code, other.code)

    assert not seen(alone, codes=both).refusals
    (refusal,) = seen(other, codes=both).refusals
    assert refusal.reason == "not_combinable"
    assert refusal.remedy == f"Order without {alone.code}."


def test_coupons_that_combine_count_one_after_the_other(ada: Customer) -> None:
    second = coupon_for(ada, stacking="COMBINABLE", priority=9)
    first = coupon_for(ada, stacking="COMBINABLE", priority=1, benefit="AMOUNT", amount=1000)
    order = replace(ORDER, codes=(first.code, second.code))

    assert (seen(first, order).discount, seen(second, order).discount) == (1000, 400)
    # Whichever is spent first comes first.
    assert redeem_coupon(second.code, order=order, at=NOW).redemption.discount_amount == 400
    assert seen(first, order).discount == 1000


def test_lines_had_off_what_their_products_had_in_whatever_order_they_are_sent() -> None:
    mug, pot, cheap = Line("mug", 1000), Line("pot", 3000), Line("mug", 400)
    order = Order(order_id="o1", customer="ada", amount=4400, currency="GBP")
    used = [("pot", 3000, 300), ("mug", 400, 40), ("mug", 1000, 100), ("gone", 500, 50)]

    assert replace(order, lines=(mug, pot, cheap)).had_off(used) == [100, 300, 40]
    assert replace(order, lines=(mug, pot, cheap)).had_off([("", 4400, 440)]) == [100, 300, 40]
    assert order.had_off(used) == [490]


def test_what_was_spent_on_the_order_counts_whether_or_not_it_is_told(ada: Customer) -> None:
    spent, other = coupon_for(ada), coupon_for(ada, stacking="COMBINABLE", priority=1)
    redeem_coupon(spent.code, order=ORDER, at=NOW)

    assert reasons(seen(other)) == ["not_combinable"]
    assert not seen(other, order_id="o2").refusals


def test_a_code_that_is_nobodys_somebodys_or_void_is_in_nobodys_way(ada: Customer) -> None:
    mine, foreign = coupon_for(ada, priority=9), coupon_for(make.customer())
    void = coupon_for(ada, issued={"void_at": NOW})

    assert not seen(mine, codes=("2222-2222-2222", foreign.code, void.code)).refusals
