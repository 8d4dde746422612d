"""A list's id says what the list was, sealed: nothing is written until somebody has seen it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from django.core import signing

SALT = "recommendation"


class UnknownRecommendation(Exception):
    """The id is none that was given out here, or was changed on its way."""


@dataclass(frozen=True)
class Answer:
    """A list as it was given out: to whom (None: nobody in person), where, and which model found
    each product."""

    customer: int | None
    version: int | None
    context: str
    answered_at: datetime
    items: tuple[tuple[int, str], ...]

    @property
    def id(self) -> str:
        """About 20 characters and 8 more for each product."""
        models = sorted({model for _, model in self.items})
        sealed = {
            "c": self.customer,
            "v": self.version,
            "x": self.context,
            "t": int(self.answered_at.timestamp()),
            "m": models,
            "p": [[product, models.index(model)] for product, model in self.items],
        }
        return signing.dumps(sealed, salt=SALT, compress=True)


def read(recommendation_id: str) -> Answer:
    """The list behind an id. Raises UnknownRecommendation."""
    try:
        sealed = signing.loads(recommendation_id, salt=SALT)
    except signing.BadSignature as broken:
        raise UnknownRecommendation(
            f"{recommendation_id[:20]!r}… is no recommendation id of this shop; send back the"
            " `recommendation_id` of the answer as it was."
        ) from broken
    return Answer(
        customer=sealed["c"],
        version=sealed["v"],
        context=sealed["x"],
        answered_at=datetime.fromtimestamp(sealed["t"], UTC),
        items=tuple((product, sealed["m"][model]) for product, model in sealed["p"]),
    )


def shortened(recommendation_id: str) -> str:
    """What is stored of an id: as good as the whole to tell two apart."""
    return sha256(recommendation_id.encode()).hexdigest()[:32]
