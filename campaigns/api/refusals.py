"""What the services refuse, as problems a client can read: the same sentence an operator sees."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from campaigns.refusing import NotRedeemable
from campaigns.services.approve import NotYours
from campaigns.services.draft import NotSound
from campaigns.services.launch import NobodyToTreat
from campaigns.services.refund import NotRefundable
from campaigns.services.release import NothingToRelease
from campaigns.services.transition import ChangedSince, WrongState
from retention.access.api import Problem


@contextmanager
def refusals_as_problems() -> Iterator[None]:
    """422 where the request itself is wrong, 409 where it does not fit the state of things."""
    try:
        yield
    except NotSound as refused:
        # Lists, as every other answer says what is wrong with a field.
        errors = {field: [said] for field, said in refused.problems.items()}
        raise Problem(422, "Not sound", str(refused), errors=errors) from None
    except NotYours as refused:
        raise Problem(403, "Not yours", str(refused)) from None
    except (WrongState, ChangedSince, NobodyToTreat) as refused:
        raise Problem(409, "Not possible now", str(refused)) from None
    except NotRedeemable as refused:
        reasons = [asdict(refusal) for refusal in refused.refusals]
        raise Problem(409, "Not redeemable", str(refused), reasons=reasons) from None
    except NotRefundable as refused:
        raise Problem(409, "Not refundable", str(refused)) from None
    except NothingToRelease as refused:
        raise Problem(404, "Nothing to release", str(refused)) from None
