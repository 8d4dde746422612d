"""Who does something to a campaign: a person who is signed in, a key of the shop, or a schedule."""

from dataclasses import dataclass

from django.contrib.auth.models import User


@dataclass(frozen=True)
class Actor:
    name: str
    user: User | None = None

    @classmethod
    def of(cls, user: User) -> "Actor":
        return cls(name=user.get_username(), user=user)


SCHEDULE = Actor("schedule")
