from typing import Any

from django.db import migrations, models
from django.db.models import Q

TABLE, NAME = "customers_customeridentity", "identity_by_its_id"


def build(apps: Any, schema_editor: Any) -> None:
    """Customers come in meanwhile. What an interrupted build left is no index: built anew."""
    postgres = schema_editor.connection.vendor == "postgresql"
    beside, by = ("CONCURRENTLY", "varchar_pattern_ops") if postgres else ("", "")
    schema_editor.execute(f"DROP INDEX {beside} IF EXISTS {NAME}")
    schema_editor.execute(
        f"CREATE INDEX {beside} {NAME} ON {TABLE} (external_id {by}) WHERE NOT (source = 'shop')"
    )


def drop(apps: Any, schema_editor: Any) -> None:
    beside = "CONCURRENTLY" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP INDEX {beside} IF EXISTS {NAME}")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("customers", "0003_merges"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(build, drop)],
            state_operations=[
                migrations.AddIndex(
                    model_name="customeridentity",
                    index=models.Index(
                        fields=["external_id"],
                        opclasses=["varchar_pattern_ops"],
                        condition=~Q(source="shop"),
                        name=NAME,
                    ),
                )
            ],
        )
    ]
