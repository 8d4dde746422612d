"""Features that carry their own words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from retention.learning.panel import BoolArray, FloatArray, IntArray


class Unit(StrEnum):
    """What a feature counts."""

    DAYS = "DAYS"
    COUNT = "COUNT"
    SHARE = "SHARE"
    MONEY = "MONEY"
    TIMES = "TIMES"
    STARS = "STARS"


@dataclass(frozen=True)
class FeatureSpec:
    """One feature, and how to talk about it.

    theme : the story it tells together with others; a reason is told for the whole story.
    sense : what everybody knows of it: 1 where more speaks for losing the customer, -1 where less
        does, 0 where it depends.
    leads : speaks for its theme whenever it may.
    sentence : says the value, "no order for {value}".
    counter : says the counter-fact, "usually every {counter}".
    counter_from : the fact of the same customer the counter-fact is taken from, a feature or one
        that the table has beside them; None, or nan there, means the median of the audience.
    fewer, equal : for a difference, the sentences where it is below zero and where it is zero;
        a difference compares already, so no counter-fact follows.
    missing : the sentence where the value is nan.
    noun : one and many, for counts.
    high, low : what a group far above or below the others is called.
    """

    name: str
    label: str
    unit: Unit
    theme: str
    sentence: str
    sense: int = 0
    leads: bool = False
    fewer: str = ""
    equal: str = ""
    missing: str = "not known"
    counter: str = "typical here is {counter}"
    counter_from: str | None = None
    noun: tuple[str, str] = ("", "")
    high: str = ""
    low: str = ""

    def say(self, value: float, *, money: Callable[[float], str] | None = None) -> str:
        """The bare value in words: "74 days", "12%", "3 orders"; a difference "2 orders fewer"."""
        if not self.fewer:
            return self._amount(value, money)
        if value == 0:
            return "as many"
        return f"{self._amount(abs(value), money)} {'fewer' if value < 0 else 'more'}"

    def _amount(self, value: float, money: Callable[[float], str] | None) -> str:
        match self.unit:
            case Unit.DAYS:
                return _counted(round(value), ("day", "days"))
            case Unit.COUNT:
                return _counted(round(value, 1), self.noun)
            case Unit.SHARE:
                return f"{value:.0%}"
            case Unit.MONEY:
                return money(value) if money else f"{value / 100:,.2f}"
            case Unit.TIMES:
                return f"{value:.1f} times"
            case Unit.STARS:
                return _counted(round(value, 1), ("star", "stars"))

    def as_said(self, values: FloatArray) -> FloatArray:
        """Values as `say` rounds them, so that what reads the same is the same."""
        digits = {Unit.SHARE: 2, Unit.COUNT: 1, Unit.TIMES: 1, Unit.STARS: 1}
        return np.round(values, digits.get(self.unit, 0))

    def phrase(
        self,
        value: float,
        *,
        usual: float = np.nan,
        typical: float = np.nan,
        money: Callable[[float], str] | None = None,
    ) -> str:
        """The value beside its counter-fact: "no order for 74 days; usually every 31 days".

        usual : this customer's own counter-fact (`counter_from`); typical : the audience's.
        money : formats minor units; without it two decimals and no currency.
        """
        if np.isnan(value):
            return self.missing
        if self.fewer:
            return self._difference(value, money)
        said = self.sentence.format(value=self.say(value, money=money))
        if not np.isnan(usual):
            return f"{said}; {self.counter.format(counter=self.say(usual, money=money))}"
        if np.isnan(typical):
            return said
        as_most = self.say(typical, money=money)
        if as_most == self.say(value, money=money):
            return f"{said}, as is typical here"
        return f"{said}; typical here is {as_most}"

    def _difference(self, value: float, money: Callable[[float], str] | None) -> str:
        if value == 0:
            return self.equal
        sentence = self.fewer if value < 0 else self.sentence
        return sentence.format(value=self._amount(abs(value), money))


def _counted(number: float, noun: tuple[str, str]) -> str:
    digits = f"{number:,.0f}" if number == round(number) else f"{number:,.1f}"
    return f"{digits} {noun[0] if number == 1 else noun[1]}".strip()


@dataclass(frozen=True)
class Theme:
    """A story that several features tell.

    together : what is said where no single feature speaks for the side they are on together.
    """

    title: str
    together: str


@dataclass(frozen=True)
class FeatureTable:
    """Features of many customers.

    values : (n, m) one row a customer, nan where a value does not exist.
    customers : (n,) the panel's row numbers.
    beside : (n,) counter-facts by name, which no model looks at.
    """

    values: FloatArray
    customers: IntArray
    specs: tuple[FeatureSpec, ...]
    beside: Mapping[str, FloatArray] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, in order."""
        return tuple(spec.name for spec in self.specs)

    def column(self, name: str) -> FloatArray:
        """One feature of every customer, (n,)."""
        if name not in self.names:
            raise KeyError(f"No feature {name!r}. There are: {', '.join(self.names)}.")
        return self.values[:, self.names.index(name)]

    def own_counter(self, spec: FeatureSpec) -> FloatArray:
        """Each customer's own counter-fact of a feature, (n,); nan where there is none."""
        name = spec.counter_from
        if name in self.names:
            return self.column(str(name))
        return self.beside.get(str(name), np.full(len(self.values), np.nan))

    def take(self, rows: IntArray | BoolArray) -> "FeatureTable":
        """These rows of the table."""
        beside = {name: column[rows] for name, column in self.beside.items()}
        return FeatureTable(self.values[rows], self.customers[rows], self.specs, beside)

    def only(self, names: Sequence[str]) -> "FeatureTable":
        """These columns of the table, in this order."""
        columns = [self.names.index(name) for name in names]
        specs = tuple(self.specs[c] for c in columns)
        return FeatureTable(self.values[:, columns], self.customers, specs, self.beside)
