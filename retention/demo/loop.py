"""The loop once, for a shop whose facts are here: learn, score, segment, recommend."""

from collections.abc import Callable, Iterator
from datetime import datetime

from retention.insights.models import Kind
from retention.insights.selectors import known_until
from retention.insights.services.recommend import NothingServes, recommend_to_everyone
from retention.insights.services.score import score_everyone
from retention.insights.services.segment import segment_everyone
from retention.insights.services.train import train

Tell = Callable[[str, int, int], None]


def run_loop(*, at: datetime, tell: Tell) -> Iterator[str]:
    """Run it, yielding a sentence for whatever an operator should know."""
    moment = known_until(at)
    if moment < at:
        yield f"The data ends on {moment:%-d %B %Y}: insights are as of then."
    for done, kind in enumerate(Kind):
        tell(f"Learning: {kind.label}", done, len(Kind))
        run = train(kind.value, at=moment, asked_by="the demonstration")
        if run.message:
            yield f"{kind.label}: {run.message}"
    tell("Scoring every customer", 0, 1)
    try:
        score_everyone(at=moment)
        recommend_to_everyone(at=moment)
    except NothingServes as nothing:
        yield str(nothing)
    segment_everyone(at=moment)
