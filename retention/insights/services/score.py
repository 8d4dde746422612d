from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from math import isnan
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Max
from django.utils.timezone import localdate

from customers.models import Purpose
from retention.insights.datasets import Facts, local_day, read_facts
from retention.insights.families.churn import bands_of, model_of
from retention.insights.families.family import Progress, silent
from retention.insights.models import Band, ChurnScore, Kind, ModelVersion
from retention.insights.persuading import Persuading
from retention.insights.publishing import known, publish_scores
from retention.insights.risk_by_week import risk_by_week, seen_on
from retention.insights.serving import load_champion
from retention.insights.worth import Worth
from retention.learning.churn.bands import Bands
from retention.learning.churn.features import behaviour
from retention.learning.churn.labels import audience, horizons
from retention.learning.churn.model import ChurnModel
from retention.learning.churn.reasons import Reason
from retention.learning.churn.setting_apart import set_apart
from retention.learning.panel import FloatArray, IntArray, Panel
from retention.learning.panel import Kind as EventKind
from retention.present.templatetags.present import money

REASONS = 6
REST = {
    "feature": "rest",
    "label": "Everything else",
    "theme": "rest",
    "value": None,
    "sentence": "everything else together",
    "sets_apart": False,
}
NO_EFFECT = 1e-9
BANDS = (Band.LOW, Band.MEDIUM, Band.HIGH)


@dataclass(frozen=True)
class Scored:
    """The audience's figures, a row a customer: (n,) arrays, amounts in minor units.

    former : what this model says of the scoring before, where another made it; else nan.
    """

    customers: IntArray
    probability: FloatArray
    former: FloatArray
    horizon: IntArray
    log_odds: FloatArray
    bands: IntArray
    by_week: list[str]
    reasons: list[tuple[Reason, ...]]
    base: float
    spent: IntArray
    usual_gap: FloatArray
    worth: Worth
    persuading: Persuading


def score_everyone(*, at: datetime, progress: Progress = silent) -> int:
    """Give every customer of the audience a risk with its reasons, and a value; returns how many.

    Without a churn model nobody is scored, and the scores from before stay.
    Raises BrokenArtifact.
    """
    champion = load_champion(Kind.CHURN)
    if champion is None:
        return 0
    version, parameters, arrays = champion
    progress(0, 3, "Reading events")
    facts = read_facts(purpose=Purpose.ANALYTICS, before=at)
    if not len(facts):
        return publish_scores([], total=0, progress=progress)
    progress(1, 3, "Scoring")
    model, bands = model_of(parameters, arrays), bands_of(parameters)
    before = _by_another(version, at=at)
    scored = _scored(facts, model, bands, cut_off=local_day(at), before=before)
    rows = _rows(scored, version=version, at=at)
    return publish_scores(rows, total=len(scored.customers), progress=progress)


def _by_another(version: ModelVersion, *, at: datetime) -> datetime | None:
    """When another version scored last, whose risks this one's are not to be compared with."""
    others = ChurnScore.objects.exclude(version=version).filter(computed_at__lt=at)
    last: datetime | None = others.aggregate(last=Max("computed_at"))["last"]
    return last


def _scored(
    facts: Facts, model: ChurnModel, bands: Bands, *, cut_off: float, before: datetime | None
) -> Scored:
    panel = facts.panel()
    who = audience(panel, model.definition, cut_off=cut_off)
    table = behaviour(panel, cut_off=cut_off, customers=who, to_tell=True)
    probability = model.probability(table)
    band = bands.of(probability)
    former = np.full(panel.n_customers, np.nan)
    if before is not None:
        asked, risk = seen_on(panel, model, cut_off=local_day(before))
        former[asked] = risk
    return Scored(
        customers=facts.customers.ids_of(who.astype(np.int32)),
        probability=probability,
        former=former[who],
        horizon=horizons(panel, model.definition, cut_off=cut_off, customers=who),
        log_odds=model.log_odds(table),
        bands=band,
        by_week=risk_by_week(panel, model, who, probability, cut_off=cut_off),
        reasons=set_apart(model.reasons(table, k=REASONS, money=money), peers=band),
        base=model.base,
        spent=_spent(panel)[who],
        usual_gap=table.column("usual_gap_days"),
        worth=Worth.of(panel, table, cut_off=cut_off),
        persuading=Persuading.of(table),
    )


def _spent(panel: Panel) -> IntArray:
    """What each customer spent so far, net of returns and never below nothing, (n_customers,)."""
    sign = (panel.kind == EventKind.PURCHASE).astype(np.int64) - (panel.kind == EventKind.RETURN)
    total = np.bincount(panel.customer, weights=sign * panel.amount, minlength=panel.n_customers)
    return np.maximum(total, 0).astype(np.int64)


def _rows(scored: Scored, *, version: ModelVersion, at: datetime) -> Iterator[ChurnScore]:
    columns = zip(
        scored.customers.tolist(),
        scored.probability.tolist(),
        scored.former.tolist(),
        scored.horizon.tolist(),
        scored.log_odds.tolist(),
        scored.bands.tolist(),
        scored.by_week,
        scored.reasons,
        scored.spent.tolist(),
        scored.usual_gap.tolist(),
        _values(scored.worth, at=at),
        scored.persuading.uplift.tolist(),
        strict=True,
    )
    for who, risk, former, horizon, odds, band, by_week, reasons, spent, gap, value, up in columns:
        yield ChurnScore(
            customer_id=who,
            version=version,
            churn_probability=risk,
            former_probability=known(former),
            horizon_days=horizon,
            churn_band=BANDS[band],
            risk_by_week=by_week,
            reasons=_reasons(reasons, odds - scored.base),
            base_log_odds=scored.base,
            historic_clv=spent,
            average_days_between_orders=known(gap),
            uplift=known(up),
            uplift_version=scored.persuading.version,
            currency=settings.SHOP_CURRENCY,
            computed_at=at,
            **value,
        )


def _values(worth: Worth, *, at: datetime) -> Iterator[dict[str, Any]]:
    """The fields about value, a customer at a time."""
    columns = zip(
        worth.orders.tolist(),
        worth.spend.tolist(),
        worth.spend_low.tolist(),
        worth.spend_high.tolist(),
        worth.again.tolist(),
        worth.next_days.tolist(),
        strict=True,
    )
    for orders, spend, low, high, again, soon in columns:
        yield {
            "value_version": worth.version,
            "predicted_number_of_orders": orders,
            "predicted_clv": round(spend),
            "predicted_clv_low": None if isnan(low) else round(low),
            "predicted_clv_high": None if isnan(high) else round(high),
            "probability_of_order": known(again),
            "expected_date_of_next_order": None if isnan(soon) else _date(at, soon),
        }


def _reasons(told: tuple[Reason, ...], effect: float) -> list[dict[str, Any]]:
    """The reasons, and what is left of the whole effect, so that all of them add up to it."""
    # JSON has no nan: a fact that is not known has no value.
    said = [asdict(r) | {"value": known(r.value)} for r in told]
    rest = effect - sum(reason.effect for reason in told)
    return said if abs(rest) < NO_EFFECT else [*said, REST | {"effect": rest}]


def _date(at: datetime, days: float) -> date:
    """So many days later, by the shop's calendar."""
    return localdate(at + timedelta(days=days))
