"""Who shops: ids, made-up names, places, consent, and the sources each person is known under."""

from dataclasses import dataclass

import numpy as np

from retention.learning.simulate.arrays import BoolArray, IntArray
from retention.learning.simulate.names import FAMILY, GIVEN, PLACES, Place
from retention.learning.simulate.spec import ShopSpec

SOURCES: tuple[str, ...] = ("web", "app", "marketplace")
_ID_OF_SOURCE = ("C{:07d}", "app-{:07d}", "mkt-{:07d}")


@dataclass(frozen=True, kw_only=True)
class Identities:
    """The ids a person goes by, one a row: customer row, source code, the id there."""

    customer: IntArray
    source: IntArray
    external_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class People:
    """n customers, one a row, in the order in which they arrive.

    first_seen_day : days since 1970-01-01; main_source and second_source are codes of SOURCES,
    second_source -1 for the many who are known under one source only.
    """

    external_ids: tuple[str, ...]
    names: tuple[str, ...]
    emails: tuple[str, ...]
    timezones: tuple[str, ...]
    locales: tuple[str, ...]
    place: IntArray
    first_seen_day: IntArray
    main_source: IntArray
    second_source: IntArray
    allows_analytics: BoolArray
    allows_recommendation: BoolArray
    allows_marketing: BoolArray
    identities: Identities

    def __len__(self) -> int:
        return len(self.names)


def make_people(spec: ShopSpec, rng: np.random.Generator) -> People:
    """n_customers people; a founding share arrives at the opening, the rest day by day."""
    n = spec.n_customers
    place = rng.choice(len(PLACES), size=n, p=[place.share for place in PLACES])
    names = _names([PLACES[at] for at in place], rng)
    main, second = _sources(n, rng)
    analytics, recommendation, marketing = _consent(n, rng)
    return People(
        external_ids=tuple(
            _ID_OF_SOURCE[source].format(row + 1) for row, source in enumerate(main)
        ),
        names=tuple(names),
        emails=_emails(names),
        timezones=tuple(PLACES[at].timezone for at in place),
        locales=tuple(PLACES[at].locale for at in place),
        place=place.astype(np.int64),
        first_seen_day=_arrivals(spec, rng),
        main_source=main,
        second_source=second,
        allows_analytics=analytics,
        allows_recommendation=recommendation,
        allows_marketing=marketing,
        identities=_identities(main, second),
    )


def _names(places: list[Place], rng: np.random.Generator) -> list[str]:
    given, family = rng.random(len(places)), rng.random(len(places))
    return [
        f"{_pick(GIVEN[place.language], g)} {_pick(FAMILY[place.language], f)}"
        for place, g, f in zip(places, given, family, strict=True)
    ]


def _pick(words: tuple[str, ...], share: float) -> str:
    return words[int(share * len(words))]


def _emails(names: list[str]) -> tuple[str, ...]:
    """Addresses at domains reserved for examples (RFC 2606), so that no one is ever written to."""
    return tuple(
        f"{name.lower().replace(' ', '.')}.{row + 1}@example.{'com' if row % 3 else 'org'}"
        for row, name in enumerate(names)
    )


def _arrivals(spec: ShopSpec, rng: np.random.Generator) -> IntArray:
    founding = round(spec.n_customers * spec.founding_share)
    first = rng.integers(0, min(28, spec.joining_days), founding)
    later = rng.integers(0, spec.joining_days, spec.n_customers - founding)
    return np.sort(np.concatenate([first, later])) + spec.start_day


def _sources(n: int, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Most come by the web; about one in four is known under a second source too."""
    main = rng.choice(3, size=n, p=[0.62, 0.26, 0.12])
    other = (main + rng.integers(1, 3, n)) % 3
    return main, np.where(rng.random(n) < 0.24, other, -1)


def _consent(n: int, rng: np.random.Generator) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Analytics 94 %, recommendation 87 %, marketing 68 %; who refuses one refuses more."""
    analytics = rng.random(n) < 0.94
    recommendation = rng.random(n) < np.where(analytics, 0.91, 0.25)
    marketing = rng.random(n) < np.where(recommendation, 0.76, 0.15)
    return analytics, recommendation, marketing


def _identities(main: IntArray, second: IntArray) -> Identities:
    rows = np.arange(main.size)
    both = np.flatnonzero(second >= 0)
    customer = np.concatenate([rows, both])
    source = np.concatenate([main, second[both]])
    order = np.lexsort((source, customer))
    customer, source = customer[order], source[order]
    return Identities(
        customer=customer,
        source=source,
        external_ids=tuple(
            _ID_OF_SOURCE[at].format(row + 1) for row, at in zip(customer, source, strict=True)
        ),
    )
