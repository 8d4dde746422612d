from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations import AddField, AddIndex, AlterField, CreateModel, Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED

HELD = {"campaigns"}
"""Apps whose tables a shop writes to while it upgrades."""


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", stdout=StringIO())


def test_yesterdays_code_can_write_into_every_column_added_since() -> None:
    filled, bare = set(), set()
    for migration, operation in changes():
        if isinstance(operation, AddField | AlterField):
            has = operation.field.db_default is not NOT_PROVIDED or operation.field.null
            column = (migration.app_label, operation.model_name_lower, operation.name)
            if has:
                filled.add(column)
            elif isinstance(operation, AddField):
                bare.add(column)

    assert bare - filled == set(), "give them a db_default"


@pytest.mark.django_db
def test_the_index_that_is_built_beside_its_use_is_there() -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "campaigns_redemption")

    assert found["coupons_of_an_order"]["columns"] == ["order_id"]


def test_an_index_on_a_table_that_may_be_large_is_built_beside_its_use() -> None:
    locking = [
        (str(migration), operation.index.name)
        for migration, operation in changes()
        if isinstance(operation, AddIndex)
    ]

    assert locking == [], "see campaigns 0016: concurrently, in a migration of its own"


def changes() -> Iterator[tuple[Migration, Operation]]:
    """What migrations do to tables that they did not make themselves."""
    migrations = MigrationLoader(None).disk_migrations.values()
    for migration in (one for one in migrations if one.app_label in HELD):
        made = {one.name_lower for one in migration.operations if isinstance(one, CreateModel)}
        for one in migration.operations:
            if getattr(one, "model_name_lower", None) not in made:
                yield migration, one
