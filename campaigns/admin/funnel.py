"""From everybody in the band to those who get a coupon, step by step."""

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.models import Campaign
from campaigns.selectors.audience import LIMITS
from campaigns.selectors.exclusions import RULES
from campaigns.selectors.preview import Preview
from retention.access.models import AuditEntry

FROM = "In the chosen group"
LABELS = {rule.reason: rule.label for rule in RULES} | LIMITS


@dataclass(frozen=True)
class Narrowing:
    """A row of parts/funnel.html. kind: start, out or left."""

    label: str
    count: int
    kind: str


def funnel(seen: Preview) -> list[Narrowing]:
    """As a launch at this moment would do it."""
    left_out = [(out.label, out.count) for out in seen.exclusions]
    start = "It happened to" if seen.volumes else FROM
    return _steps(left_out, treated=seen.treated, control=seen.control, start=start)


def funnel_at_launch(campaign: Campaign) -> list[Narrowing]:
    """As the launch did it: the audit log keeps the numbers. None where it has no launch, or where
    a trigger lets customers in afterwards."""
    launches = AuditEntry.objects.filter(
        action="campaign.launch", thing=campaign._meta.label, thing_id=str(campaign.pk)
    )
    entry = launches.order_by("-pk").first()
    if entry is None or campaign.trigger:
        return []
    counts = entry.after["left_out"]
    left_out = [(label, counts[reason]) for reason, label in LABELS.items() if reason in counts]
    return _steps(left_out, treated=entry.after["treated"], control=entry.after["control"])


def _steps(
    left_out: Iterable[tuple[str, int]], *, treated: int, control: int, start: str = FROM
) -> list[Narrowing]:
    out = [Narrowing(label, count, "out") for label, count in left_out]
    chosen = treated + control
    return [
        Narrowing(start, chosen + sum(step.count for step in out), "start"),
        *out,
        Narrowing("Take part", chosen, "left"),
        Narrowing("Control: get nothing, and show what would have happened", control, "out"),
        Narrowing("Get a coupon", treated, "left"),
    ]
