"""How good the data is, as people and programs are told: one answer for the page and the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.timezone import localtime

from retention.insights.models import DataCheck, DataCleaning, DataFinding, Problem, Severity
from retention.insights.quality.effect import Proposal
from retention.insights.quality.words import Words, words_of
from retention.present.templatetags.present import counted

Kind = DataCleaning.Kind
RANK: Final = {Severity.SERIOUS: 0, Severity.LOOK: 1, Severity.NOTE: 2}
GROWN = 1.5
"""What was said to be right is asked about again when it has grown by half."""
SHOP_WIDE: Final = {
    Problem.DUPLICATES: Kind.DUPLICATES,
    Problem.REPEATS: Kind.REPEATS,
    Problem.PRICES: Kind.PRICES,
    Problem.HUGE: Kind.LINES,
}
"""The cleaning of each problem of the shop as a whole; the others are put right at the source."""


@dataclass(frozen=True)
class Told:
    """A finding in words. answer : the decision in force that settles it; None while it is open."""

    finding: DataFinding
    words: Words
    answer: DataCleaning | None

    @property
    def is_open(self) -> bool:
        return self.answer is None

    @property
    def cleaning(self) -> Proposal | None:
        """What would settle it here; None where only the source can."""
        kind = Problem(self.finding.kind)
        if self.finding.customer is not None:
            return Proposal(Kind.EXCLUDE, customer=self.finding.customer, finding=kind)
        if kind not in SHOP_WIDE:
            return None
        cap = self.finding.evidence.get("cap") if kind == Problem.HUGE else None
        return Proposal(SHOP_WIDE[kind], finding=kind, cap=cap)

    @property
    def keeping(self) -> Proposal:
        """Saying that it is right as it is."""
        finding = self.finding
        return Proposal(Kind.KEEP, customer=finding.customer, finding=finding.kind)


@dataclass(frozen=True)
class DataQuality:
    """The last check, what it found, the most misleading first, and the decisions in force.

    changed_at : when a decision last changed what is left out.
    """

    check: DataCheck | None
    found: list[Told]
    decisions: list[DataCleaning]
    changed_at: datetime | None = None

    @property
    def is_stale(self) -> bool:
        """Whether the figures are of a moment before the last decision."""
        if self.check is None or self.changed_at is None:
            return False
        return self.check.checked_at < self.changed_at

    @property
    def open(self) -> list[Told]:
        return [told for told in self.found if told.is_open]

    @property
    def serious(self) -> list[Told]:
        return [told for told in self.open if told.finding.severity == Severity.SERIOUS]

    @property
    def cleanings(self) -> list[DataCleaning]:
        """The decisions that leave something out."""
        return [one for one in self.decisions if one.kind != Kind.KEEP]

    @property
    def sentence(self) -> str:
        """How good the data is; of which moment, where that was before the last decision."""
        if self.check is None or not self.is_stale:
            return self._sentence
        at = localtime(self.check.checked_at)
        return f"As of {at:%-d %B, %H:%M}, before the last decision: {self._sentence}"

    @property
    def _sentence(self) -> str:
        if self.check is None:
            return "Nobody has looked at the data yet: check it now, or wait for the night."
        if not self.check.learned:
            return "There are no events of customers yet, so there is nothing to check."
        people = counted(self.check.customers, "customer")
        whole = f"{counted(self.check.learned, 'event')} of {people}"
        if first := self.serious:
            named = "; ".join(told.words.title for told in first[:2])
            what = "1 thing misleads" if len(first) == 1 else f"{len(first)} things mislead"
            return f"{what} the models: {named}. Decide before you trust them."
        looks = sum(told.finding.severity == Severity.LOOK for told in self.open)
        if looks:
            things = "1 thing is" if looks == 1 else f"{looks} things are"
            return f"Good enough to learn from: {whole}. {things} worth a look."
        return f"Good: {whole}, and nothing that would mislead a model."


def data_quality() -> DataQuality:
    """Everything about the data; 4 queries."""
    decisions = list(DataCleaning.objects.in_force().named().order_by("-pk"))
    findings = DataFinding.objects.consented().select_related("customer__contact")
    told = [Told(one, words_of(one), answer_to(one, decisions)) for one in findings]
    told.sort(key=lambda one: (RANK[Severity(one.finding.severity)], -one.finding.share))
    changed_at = DataCleaning.objects.leaving_out().last_changed_at()
    return DataQuality(DataCheck.objects.first(), told, decisions, changed_at)


def answer_to(finding: DataFinding, decisions: Sequence[DataCleaning]) -> DataCleaning | None:
    """The decision that settles a finding."""
    for decision in decisions:
        if decision.kind == Kind.KEEP:
            same = (decision.finding, decision.customer_id) == (finding.kind, finding.customer_id)
            if same and finding.count <= GROWN * decision.found:
                return decision
        elif decision.customer_id is not None:
            if decision.customer_id == finding.customer_id:
                return decision
        elif decision.product_id is None and SHOP_WIDE.get(Problem(finding.kind)) == decision.kind:
            return decision
    return None
