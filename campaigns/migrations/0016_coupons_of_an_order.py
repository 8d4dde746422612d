from typing import Any

from django.db import migrations

TABLE, NAME = "campaigns_redemption", "coupons_of_an_order"


def build(apps: Any, schema_editor: Any) -> None:
    """Redemptions go on meanwhile. What an interrupted build left is no index: built anew."""
    beside = "CONCURRENTLY" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP INDEX {beside} IF EXISTS {NAME}")
    schema_editor.execute(f"CREATE INDEX {beside} {NAME} ON {TABLE} (order_id)")


def drop(apps: Any, schema_editor: Any) -> None:
    beside = "CONCURRENTLY" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP INDEX {beside} IF EXISTS {NAME}")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("campaigns", "0015_defaults_in_the_database"),
    ]

    operations = [migrations.RunPython(build, drop)]
