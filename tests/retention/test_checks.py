from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from retention.checks import check_channels, check_discount, check_places, check_shop


def ids(found: list[object]) -> list[str]:
    return [str(getattr(message, "id", "")) for message in found]


def test_the_defaults_are_in_order() -> None:
    assert [*check_shop(None), *check_discount(None), *check_channels(None)] == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SHOP_CURRENCY", "Pounds", "retention.E001"),
        ("SHOP_CURRENCY", "XXQ", "retention.E001"),
        ("CONSENT_ASSUMED", ["EVERYTHING"], "retention.E003"),
        ("GLOBAL_HOLDOUT_SHARE", 0.9, "retention.E004"),
        ("CLV_DISCOUNT", -0.1, "retention.E007"),
        ("WEBHOOK_URL", "http://shop.example/", "retention.W003"),
    ],
)
def test_a_wrong_setting_is_named(
    settings: Settings, name: str, value: object, expected: str
) -> None:
    setattr(settings, name, value)

    assert ids([*check_shop(None), *check_discount(None), *check_channels(None)]) == [expected]


def test_a_secret_that_others_may_read_is_named(settings: Settings, tmp_path: Path) -> None:
    settings.ARTIFACT_DIR = tmp_path / "models"
    secret = tmp_path / "secrets" / "secret_key"
    secret.parent.mkdir()
    secret.write_text("x")
    secret.chmod(0o644)

    assert ids([*check_places(None)]) == ["retention.E006"]
