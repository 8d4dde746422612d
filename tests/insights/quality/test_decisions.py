from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from customers.services.forget import forget_customer
from retention.access.audit import first_broken
from retention.access.models import AuditEntry
from retention.insights.models import DataCleaning, DataFinding
from retention.insights.quality.cleaning import cleaning_in_force
from retention.insights.quality.decisions import effect_in_words, left_out_in_words, target_of
from retention.insights.quality.effect import Effect, Proposal, effect_of
from retention.insights.quality.report import answer_to, data_quality
from retention.insights.quality.words import words_of
from retention.insights.services.decide_cleaning import DecidedAlready, decide_cleaning
from retention.insights.services.undo_cleaning import NotInForce, undo_cleaning
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
DUPLICATES = Proposal("DUPLICATES", finding="DUPLICATES")
LATER = NOW + timedelta(hours=1)


def decide(proposal: Proposal = DUPLICATES) -> DataCleaning:
    return decide_cleaning(proposal, reason="", note="Seen in the imports.", by="ada", at=NOW)


def test_a_decision_keeps_what_it_concerned_and_is_on_the_audit_log() -> None:
    make.data_finding()

    decision = decide()

    entry = AuditEntry.objects.get(action="clean data")
    assert (decision.events, decision.revenue_share, decision.note) == (
        5,
        0.05,
        "Seen in the imports.",
    )
    assert (entry.actor, entry.after) == (
        "ada",
        {"kind": "DUPLICATES", "finding": "DUPLICATES"},
    )


def test_the_same_is_decided_once() -> None:
    decide()

    with pytest.raises(DecidedAlready, match="is in force already"):
        decide()

    assert AuditEntry.objects.filter(action="clean data").count() == 1


def test_taking_back_says_by_whom_and_opens_the_way_for_another() -> None:
    undone = undo_cleaning(decide(), by="bob", at=LATER)

    assert (undone.undone_by, undone.undone_at, undone.is_in_force) == ("bob", LATER, False)
    assert AuditEntry.objects.get(action="undo cleaning").actor == "bob"
    assert first_broken() is None
    assert decide().is_in_force


def test_two_who_take_back_at_once_do_it_once() -> None:
    decision = decide()
    undo_cleaning(decision, by="bob", at=LATER)

    with pytest.raises(NotInForce, match="was taken back already"):
        undo_cleaning(decision, by="eve", at=LATER)

    assert AuditEntry.objects.filter(action="undo cleaning").count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "EXCLUDE", "customer": None},
        {"kind": "LINES"},
        {"kind": "KEEP"},
        {"undone_at": LATER},
    ],
)
def test_what_makes_no_sense_the_database_forbids(fields: dict[str, object]) -> None:
    with pytest.raises(IntegrityError):
        make.data_cleaning(**fields)


def test_what_is_in_force_is_what_learning_does() -> None:
    till, mug = make.customer(), make.product()
    for proposal in (
        Proposal("EXCLUDE", customer=till),
        Proposal("PRICES", product=mug),
        Proposal("LINES", finding="HUGE", cap=700),
        Proposal("KEEP", finding="REPEATS"),
    ):
        decide(proposal)

    done = cleaning_in_force()

    assert (done.excluded.tolist(), done.products.tolist(), done.line_cap) == (
        [till.pk],
        [mug.pk],
        700,
    )
    assert not done.repeats


def test_erasing_a_customer_takes_the_decision_about_them_and_leaves_the_log_whole() -> None:
    till = make.customer(external_id="K-77")
    decide(Proposal("EXCLUDE", customer=till))

    forget_customer(till, by="ada", at=LATER)

    assert not DataCleaning.objects.exists()
    assert "K-77" not in str(list(AuditEntry.objects.values_list("after", "before")))
    assert first_broken() is None


def test_what_a_customer_takes_with_it_is_said_before() -> None:
    make.data_check(revenue=4_800)
    till = make.customer()
    make.event(customer=till)
    make.event(customer=till, kind="VIEW", order_id="", amount=None)

    effect = effect_of(Proposal("EXCLUDE", customer=till))

    assert effect == Effect(customers=1, events=2, revenue_share=0.25)
    assert effect_in_words(effect) == "1 customer, 2 events, 25.0% of revenue"


def test_what_a_cap_takes_is_said_before() -> None:
    make.data_check(revenue=10_000)
    make.event(customer=make.customer(), amount=9_000)

    assert effect_of(Proposal("LINES", cap=1_000)) == Effect(lines=1, revenue_share=0.8)


def test_a_finding_is_settled_by_the_decision_about_it() -> None:
    till = make.customer()
    about_till = make.data_finding(kind="TILL", customer=till)
    about_shop = make.data_finding()
    of_till, of_shop = decide(Proposal("EXCLUDE", customer=till)), decide()

    assert answer_to(about_till, [of_till, of_shop]) == of_till
    assert answer_to(about_shop, [of_till, of_shop]) == of_shop
    assert answer_to(about_shop, [of_till]) is None


def test_what_was_said_to_be_right_is_asked_again_when_it_has_grown_by_half() -> None:
    gaps = make.data_finding(kind="GAPS", count=10)
    decision = decide(Proposal("KEEP", finding="GAPS"))

    answers = [answer_to(DataFinding(kind="GAPS", count=n), [decision]) for n in (15, 16)]

    assert decision.found == gaps.count
    assert answers == [decision, None]


def test_the_sentence_says_how_good_the_data_is() -> None:
    assert data_quality().sentence.startswith("Nobody has looked at the data yet")
    make.data_check()
    assert data_quality().sentence.startswith("Good: 100 events of 10 customers")
    note = make.data_finding(kind="RETURNS", severity="LOOK", evidence=RETURNS)
    assert data_quality().sentence.endswith("1 thing is worth a look.")
    DataFinding.objects.filter(pk=note.pk).update(severity="SERIOUS")
    assert data_quality().sentence == (
        "1 thing misleads the models: 5 of 100 returns have no purchase before them."
        " Decide before you trust them."
    )


RETURNS = {"early": 2, "early_days": 60, "money": 500, "events": [1]}
EVIDENCE: dict[str, dict[str, Any]] = {
    "TILL": {
        "signs": ["name", "many", "daily", "hours", "wide", "heavy"],
        "certain": True,
        "orders": 900,
        "next": 30,
        "days": 300,
        "trading_days": 310,
        "hours": 12,
        "of_hours": 12,
        "products": 50,
        "of_products": 60,
        "revenue_share": 0.4,
    },
    "BOT": {"in_ten_minutes": 300, "hours_a_day": 24, "usual_gap": 1.0, "days": 3, "products": 40},
    "DUPLICATES": {"customers": 1, "revenue_share": 0.05, "events": [1]},
    "REPEATS": {"customers": 2, "revenue_share": 0.05, "events": [1]},
    "HUGE": {"cap": 700, "money": 9_000, "largest": 8_000, "usual": 10, "given_back": 1},
    "PRICES": {"worst": [], "of_products": 1},
    "NO_PRICE": {},
    "CURRENCIES": {"lines": {"GBP": 5, "EUR": 2}, "most": "GBP"},
    "UNKNOWN": {"without": 3, "bare": 2, "bare_products": 1},
    "RETURNS": RETURNS,
    "CONTACTS": {"emails": 3, "phones": 2, "customers": [1]},
    "GAPS": {
        "runs": [{"first": 20_000, "last": 20_001, "days": 2, "missed": 80}],
        "of_runs": 2,
        "longest": 2,
        "recent": 0,
    },
    "CHANGE": {
        "weeks": [
            {"week": 2_900, "what": what, "value": 0.5, "usual": 0.1, "strength": 4.0}
            for what in ("events", "without_product", "mean_price")
        ],
        "of_weeks": 1,
        "recent": False,
    },
    "CLOCK": {
        "night": {"from": 9, "until": 15, "busiest": 2},
        "far": {"events": 2, "last_day": 9_000, "then_day": 20_000},
        "ahead": 7,
        "days_only": 1.0,
    },
}


@pytest.mark.parametrize("kind", EVIDENCE)
def test_every_problem_has_words_with_its_number(kind: str) -> None:
    customer = make.customer(external_id="K-77") if kind in {"TILL", "BOT"} else None
    finding = make.data_finding(kind=kind, evidence=EVIDENCE[kind], customer=customer, count=5)

    words = words_of(finding)

    said = f"{words.title} {words.evidence}"
    assert any(letter.isdigit() for letter in said)
    assert said.count("{") == words.advice.count("{") == 0
    assert words.effect


def test_decisions_and_what_was_left_out_are_spoken_of() -> None:
    till, mug = make.customer(external_id="K-77"), make.product(title="Mug")
    about = [
        Proposal("EXCLUDE", customer=till),
        Proposal("PRICES", product=mug),
        Proposal("PRICES"),
        Proposal("LINES", cap=71_400),
        DUPLICATES,
        Proposal("REPEATS"),
        Proposal("KEEP", finding="GAPS"),
    ]

    assert [target_of(one) for one in about] == [
        "Customer K-77",
        "Prices of Mug",
        "Odd prices of all products",
        "Lines above £714.00",
        "Events told twice",
        "Lines that stand twice in an order",
        "Days without events",
    ]
    assert left_out_in_words({"customers": 2, "events": 310}) == (
        "2 customers and 310 events by cleaning"
    )
    assert left_out_in_words({"capped": 1}) == "1 line counts otherwise by cleaning"
    assert left_out_in_words({}) == ""
