"""A customer with some facts changed, as one that could exist: what hangs on them follows.

Asked facts stay as asked. Facts that are made of others (silence against the usual gap, orders a
month, trends, the share bought again) cannot be asked: they are counted again.
"""

from math import floor, isnan, nan
from typing import Final

from retention.learning.churn.following_orders import Facts, follow_orders, order_counts
from retention.learning.churn.needing import ways
from retention.learning.churn.one_customer import OneCustomer
from retention.learning.churn.wording_visits import BEHAVIOUR
from retention.learning.features import FeatureSpec, Unit

MADE_OF: Final = {
    "overdue_ratio": ("days_since_last_order", "usual_gap_days"),
    "orders_a_month": ("orders_365", "days_since_first_order"),
    "orders_trend_90": ("orders_90", "orders_365"),
    "repeat_share": ("products_365", "lines_an_order"),
    "views_trend_30": ("views_30",),
}
"""Facts that are counted from others, and which of those to change instead."""
SPECS: Final = {spec.name: spec for spec in BEHAVIOUR}
ASKABLE: Final = tuple(name for name in SPECS if name not in MADE_OF)
_MOST: Final = 1e15
_FAR: Final = 400
"""Up to so many days, or of anything counted, a range is looked for one by one."""
STARS: Final = (1.0, 5.0)
_OF_UNIT: Final = {Unit.DAYS: (0.0, 36_500.0), Unit.SHARE: (0.0, 1.0)}
_BOUNDS: Final = {"visit_days_30": (0.0, 30.0), "order_weeks_12": (0.0, 12.0)}
"""From what to what a fact goes, whatever else is asked."""
_SHARES: Final = ("weekend_share", "evening_share")
_NEAR: Final = 1e-6
_PERCENT: Final = 0.005


class UnknownFact(ValueError):
    """There is no such fact, or it cannot be changed by itself."""


class Impossible(ValueError):
    """No customer can be like that."""


def changed(who: OneCustomer, asked: Facts, *, stars: tuple[float, float] = STARS) -> Facts:
    """All facts of the customer with the asked ones changed and the rest following.

    who : has ordered once.
    asked : new values of some. Asking for what is so already changes nothing. What they need to
        be possible follows too (`needing`); only what cannot be at all is refused.
    stars : from what to what customers of the shop rate.
    Raises UnknownFact, Impossible.
    """
    refuse_unknown(asked)
    for name, value in asked.items():
        if refused := _refused(SPECS[name], value, stars):
            raise Impossible(refused)
    now = _found(who, asked)
    if isinstance(now, str):
        raise Impossible(_contradiction(now, who, asked))
    return now


def possible(who: OneCustomer, asked: Facts, *, stars: tuple[float, float] = STARS) -> Facts | None:
    """The same, and None where nobody can be so: for thousands of tries, of which none is told why.

    To find out why takes as long as some hundred tries.
    """
    if any(_refused(SPECS[name], value, stars) for name, value in asked.items()):
        return None
    now = _found(who, asked)
    return None if isinstance(now, str) else now


def _found(who: OneCustomer, asked: Facts) -> Facts | str:
    """The facts of the first way that is possible, else the fact that the first one contradicts."""
    if all(value == who.facts[name] for name, value in asked.items()):
        return dict(who.facts)
    refused = ""
    for tried in ways(who.facts, asked):
        silent = tried.get("days_since_last_order")
        now = _followed(who.facts if silent is None else who.silent_for(silent), tried)
        if not isinstance(now, str):
            return now
        refused = refused or now
    return refused


def _followed(was: Facts, asked: Facts) -> Facts | str:
    """Everything after the asked facts, or the name of one of them that cannot be so."""
    now = was | asked | follow_orders(was, asked)
    before, after = sum(order_counts(was)), sum(order_counts(now))
    now |= _money(was, now, asked, before, after)
    now |= _variety(was, now, asked, before, after)
    now |= _visits(was, now, asked)
    now |= {name: round(now[name] * after) / after for name in _SHARES}
    for name, value in asked.items():
        near = _PERCENT if name in _SHARES else _NEAR * max(1.0, abs(value))
        if not abs(now[name] - value) <= near:
            return name
    return now


def refuse_unknown(names: Facts | tuple[str, ...]) -> None:
    """Raises UnknownFact with the facts that there are."""
    for name in names:
        if name in MADE_OF:
            instead = " or ".join(MADE_OF[name])
            raise UnknownFact(f"{name!r} follows from other facts; change {instead}.")
        if name not in SPECS:
            raise UnknownFact(f"There is no fact {name!r}. There are: {', '.join(ASKABLE)}.")


def _refused(spec: FeatureSpec, value: float, stars: tuple[float, float]) -> str:
    """Why a fact cannot have that value, whatever the others are; "" where it can."""
    low, high = stars if spec.unit == Unit.STARS else _bounds(spec, _MOST)
    if isnan(value) or not low <= value <= high:
        said = f"from {low:g} on" if high == _MOST else f"from {low:g} to {high:g}"
        return f"{spec.name} cannot be {value:g}. It goes {said}."
    whole = spec.unit == Unit.COUNT and spec.name != "lines_an_order"
    if whole and value != round(value):
        return f"{spec.name} cannot be {value:g}. It counts something and is whole."
    return ""


def _bounds(spec: FeatureSpec, most: float) -> tuple[float, float]:
    return _BOUNDS.get(spec.name) or _OF_UNIT.get(spec.unit) or (0.0, most)


def _contradiction(name: str, who: OneCustomer, asked: Facts) -> str:
    """What cannot be, what it contradicts, and what it could be instead."""
    others = ", ".join(f"{other} {asked[other]:g}" for other in asked if other != name)
    given = f"With {others} and what else" if others else "With what else"
    value, tried = asked[name], _tried(SPECS[name], who.facts[name])
    possible = [one for one in tried if not isinstance(_found(who, asked | {name: one}), str)]
    if not possible:
        return f"{name} cannot be {value:g}. {given} is known of the customer no value can be."
    low, high = possible[0], possible[-1]
    range_ = f"{low:g} or more" if high == tried[-1] else f"{low:g} to {high:g}"
    return f"{name} cannot be {value:g}. {given} is known of the customer it can be {range_}."


def _tried(spec: FeatureSpec, was: float) -> list[float]:
    """Values to look for what is possible among, ascending."""
    low, high = _bounds(spec, _FAR)
    if spec.unit == Unit.SHARE:
        return [percent / 100 for percent in range(101)]
    if spec.unit == Unit.MONEY:
        around = 1.0 if isnan(was) or not was else was
        return [0.0, *(around * 2**power for power in range(-6, 11))]
    return [float(n) for n in range(int(low), int(min(high, _FAR)) + 1)]


def _money(was: Facts, now: Facts, asked: Facts, before: int, after: int) -> Facts:
    """Money moves with the orders that spent it; an order more costs what they usually cost."""
    average = was["average_order"]
    year_before, year = was["orders_365"], now["orders_365"]
    old = [
        was["spend_90"], was["spend_365"] - was["spend_90"],
        average * before - was["spend_365"],
    ]  # fmt: skip
    orders = [was["orders_90"], year_before - was["orders_90"], before - year_before]
    many = [now["orders_90"], year - now["orders_90"], after - year]
    parts = [
        amount if had == has else has * (amount / had if had else average)
        for amount, had, has in zip(old, orders, many, strict=True)
    ]
    parts = _asked_money(parts, many, asked, after)
    quarter, rest, older = parts
    total = quarter + rest + older
    same = parts == old and before == after
    mean = average if same else total / after
    return {
        "spend_90": was["spend_90"] if same else quarter,
        "spend_365": was["spend_365"] if same else quarter + rest,
        "average_order": mean,
        **_ratios(now, mean=mean, year=quarter + rest, after=after),
    }


def _asked_money(parts: list[float], many: list[float], asked: Facts, after: int) -> list[float]:
    """The amounts by age, once those that were asked for hold."""
    quarter, rest, older = parts
    if "spend_90" in asked and many[0]:
        quarter = asked["spend_90"]
    if "spend_365" in asked and (many[0] or many[1]):
        wanted = asked["spend_365"]
        share = wanted / (quarter + rest) if quarter + rest else 0.0
        if "spend_90" in asked or not many[0]:
            rest = wanted - quarter if many[1] else 0.0
        elif not many[1] or not quarter + rest:
            quarter, rest = (wanted, 0.0)
        else:
            quarter, rest = quarter * share, rest * share
    if "average_order" in asked:
        free = [name not in asked for name in ("spend_90", "spend_365")] + [True]
        free[1] = free[1] and bool(many[1])
        now = [quarter, rest, older]
        held = sum(amount for amount, is_free in zip(now, free, strict=True) if not is_free)
        left, loose = asked["average_order"] * after - held, sum(now) - held
        scale = left / loose if loose > 0 else 1.0
        now = [a * scale if is_free else a for a, is_free in zip(now, free, strict=True)]
        quarter, rest, older = now
    return [max(amount, 0.0) for amount in (quarter, rest, older)]


def _ratios(now: Facts, *, mean: float, year: float, after: int) -> Facts:
    def known(name: str, exists: bool, otherwise: float) -> float:
        if not exists:
            return nan
        return otherwise if isnan(now[name]) else now[name]

    last = known("last_order_ratio", mean > 0, 1.0)
    return {
        "last_order_ratio": min(last, float(after)) if after > 1 or isnan(last) else 1.0,
        "discount_share": known("discount_share", year > 0 or now["discount_share"] == 1, 0.0),
        "returned_share": known("returned_share", mean > 0, 0.0),
    }


def _variety(was: Facts, now: Facts, asked: Facts, before: int, after: int) -> Facts:
    products, categories = now["products_365"], now["categories_365"]
    if not now["orders_365"]:
        products = categories = 0.0
    elif categories > products:
        if "categories_365" in asked:
            products = max(products, categories)
        categories = min(categories, products)
    lines = now["lines_an_order"]
    if products > lines * after:
        lines = products / after
    repeat = was["repeat_share"]
    if (products, lines, after) != (was["products_365"], was["lines_an_order"], before):
        repeat = _bought_again(was, products, lines * after, was["lines_an_order"] * before)
    return {
        "products_365": products,
        "categories_365": categories,
        "lines_an_order": lines,
        "repeat_share": repeat,
    }


def _bought_again(was: Facts, products: float, lines: float, lines_before: float) -> float:
    """Share of the lines that repeat a product, from all different products ever bought."""
    again = 0.0 if isnan(was["repeat_share"]) else was["repeat_share"]
    ever = lines_before * (1 - again) + products - was["products_365"]
    ever = min(max(ever, products, 1.0), lines)
    return 1 - ever / lines


def _visits(was: Facts, now: Facts, asked: Facts) -> Facts:
    names = ("views_30", "carts_30", "visit_days_30", "days_since_last_visit", "views_since_order")
    since = now["days_since_last_order"]
    if not asked.keys() & {*names} and since == was["days_since_last_order"]:
        return {}
    views, carts, days, last, after_order = (now[name] for name in names)
    gone = "days_since_last_visit" in asked and last > 30
    if gone or asked.get("visit_days_30") == 0:
        views = carts = days = 0.0
        last = last if last > 30 else 31.0
    elif views or carts or days or last <= 30:
        last = 30.0 if isnan(last) else min(last, 30.0)
        if "visit_days_30" in asked and "days_since_last_visit" not in asked:
            last = max(min(last, 30 - days), 0.0)
        days = min(max(days, 1.0), floor(30 - last) + 1.0)
    # Looked at since the last order: all of the month's if that was before, else at most those.
    after_order = max(after_order, views) if since >= 30 else min(after_order, views)
    if last > since:
        # Who orders is there: the order was the last visit, and nothing was looked at since.
        last, after_order = since, 0.0
        days = max(days, 1.0) if since <= 30 else days
    before = was["views_30"] - was["views_trend_30"]
    figures = (views, carts, days, last, after_order)
    return dict(zip(names, figures, strict=True)) | {"views_trend_30": views - before}


def least_step(spec: FeatureSpec) -> float:
    """By how much a person would change the fact at least; 0 for money, which has no such step."""
    steps = {Unit.SHARE: 0.01, Unit.TIMES: 0.1, Unit.MONEY: 0.0}
    return steps.get(spec.unit, 1.0)
