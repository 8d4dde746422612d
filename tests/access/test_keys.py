from datetime import timedelta

import pytest

from retention.access.models import ApiKey
from retention.access.services.keys import UnknownScopes, key_of, make_key
from tests.make import NOW

pytestmark = pytest.mark.django_db


def test_a_key_opens_with_the_secret_it_was_given() -> None:
    made, secret = make_key("Shop", scopes=["read"], at=NOW)

    assert key_of(secret, at=NOW) == made


def test_the_secret_is_not_kept() -> None:
    _, secret = make_key("Shop", scopes=["read"], at=NOW)

    assert secret.split("_", 2)[2] not in str(ApiKey.objects.values().get())


@pytest.mark.parametrize("wrong", ["", "rk_", "rk_x_y", "nonsense", "Bearer"])
def test_a_wrong_token_opens_nothing(wrong: str) -> None:
    make_key("Shop", scopes=["read"], at=NOW)

    assert key_of(wrong, at=NOW) is None


def test_a_right_prefix_with_a_wrong_secret_opens_nothing() -> None:
    key, _ = make_key("Shop", scopes=["read"], at=NOW)

    assert key_of(f"rk_{key.prefix}_guess", at=NOW) is None


def test_an_expired_key_opens_nothing() -> None:
    _, secret = make_key("Shop", scopes=["read"], at=NOW, expires_at=NOW + timedelta(days=1))

    assert key_of(secret, at=NOW + timedelta(days=1)) is None


def test_a_revoked_key_opens_nothing() -> None:
    key, secret = make_key("Shop", scopes=["read"], at=NOW)
    ApiKey.objects.filter(pk=key.pk).update(revoked_at=NOW)

    assert key_of(secret, at=NOW) is None


def test_a_scope_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(UnknownScopes, match="everything"):
        make_key("Shop", scopes=["everything"], at=NOW)
