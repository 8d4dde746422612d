"""From everybody in the band to those who get a coupon, step by step."""

from dataclasses import dataclass

from campaigns.selectors.preview import Preview


@dataclass(frozen=True)
class Narrowing:
    """A row of parts/funnel.html. kind: start, out or left."""

    label: str
    count: int
    kind: str


def funnel(seen: Preview) -> list[Narrowing]:
    return [
        Narrowing("In the chosen group", seen.found, "start"),
        *(Narrowing(out.label, out.count, "out") for out in seen.exclusions),
        Narrowing("Left, in the experiment", seen.chosen, "left"),
        Narrowing("Control: gets nothing, proves the effect", seen.control, "out"),
        Narrowing("Get a coupon", seen.treated, "left"),
    ]
