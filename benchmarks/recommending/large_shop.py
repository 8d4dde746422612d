"""A shop of a million products with a model that serves, and the questions a client will ask.

`python -m benchmarks.recommending.large_shop PRODUCTS CUSTOMERS EVENTS`, into the installation the
environment names. Prints an API key and the ids of customers: some with a list of the night, some
who did something since.
"""

import json
import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice, product

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - after the setup
from django.utils import timezone  # noqa: E402

from benchmarks.facts.ways import ours  # noqa: E402
from catalog.models import Category, Product  # noqa: E402
from customers.messages import EventMessage  # noqa: E402
from retention.access.models import Scope  # noqa: E402
from retention.access.services.keys import make_key  # noqa: E402
from retention.insights.models import Kind, ModelVersion  # noqa: E402
from retention.insights.services.recommend import recommend_to_everyone  # noqa: E402
from retention.insights.services.train import train  # noqa: E402

DAYS, CATEGORIES, ASKED = 150, 200, 400
STARTS, ENDS = "ba ce di fo gu ha je ki lo mu".split(), "bel dan kos mir tun".split()
WORDS = [start + end for start, end in product(STARTS, ENDS)]


def main(products: int, customers: int, events: int) -> None:
    call_command("migrate", verbosity=0)
    at, rng = timezone.now(), random.Random(8)
    fill_catalogue(products, at, rng)
    ours(list(purchases(rng, products, customers, events, until=at)), at)
    run = train(Kind.FACTORIZATION, at=at)
    if not ModelVersion.objects.champions().filter(kind=Kind.FACTORIZATION).exists():
        raise SystemExit(f"No model serves: {run.state} {run.message} {run.version.verdict}")
    recommend_to_everyone(at=at)
    ids = [f"c{n}" for n in rng.sample(range(customers), 2 * ASKED)]
    moved, settled = ids[:ASKED], ids[ASKED:]
    ours([one_more(rng, who, products, at=timezone.now()) for who in moved], timezone.now())
    _, secret = make_key("Benchmark", scopes=[Scope.RECOMMEND], at=at)
    print(json.dumps({"key": secret, "settled": settled, "moved": moved}))


def fill_catalogue(products: int, at: datetime, rng: random.Random) -> None:
    names = [f"{WORDS[n % 50]} {n}" for n in range(CATEGORIES)]
    Category.objects.bulk_create([Category(path=name, name=name) for name in names])
    shelves = list(Category.objects.order_by("pk").values_list("pk", flat=True))
    rows = (
        Product(
            external_id=f"p{n}",
            title=" ".join(rng.choices(WORDS, k=4)),
            category_id=shelves[n % CATEGORIES],
            price=rng.randint(100, 20_000),
            currency="GBP",
            created_at=at,
            updated_at=at,
        )
        for n in range(products)
    )
    while batch := list(islice(rows, 10_000)):
        Product.objects.bulk_create(batch)


def purchases(
    rng: random.Random, products: int, customers: int, events: int, *, until: datetime
) -> Iterator[EventMessage]:
    """Everyone keeps to a few shelves and comes back for some of it; few products sell well."""
    mine: dict[int, list[int]] = {}
    for n in range(events):
        who = n % customers if n < customers else int(customers * rng.random() ** 2)
        had = mine.setdefault(who, [])
        again = had and rng.random() < 0.4
        what = rng.choice(had) if again else _of_shelf(rng, who, products)
        had.append(what)
        days = DAYS * (1 - n / events)
        yield _purchase(rng, f"c{who}", what, until - timedelta(days=days, minutes=1))


def one_more(rng: random.Random, who: str, products: int, *, at: datetime) -> EventMessage:
    return _purchase(rng, who, _of_shelf(rng, int(who[1:]), products), at)


def _of_shelf(rng: random.Random, who: int, products: int) -> int:
    shelf = (who * 7 + rng.randrange(3) * 31) % CATEGORIES
    place = int(rng.random() ** 4 * (products // CATEGORIES))
    return place * CATEGORIES + shelf


def _purchase(rng: random.Random, who: str, what: int, at: datetime) -> EventMessage:
    token = f"{rng.getrandbits(64):016x}"
    return EventMessage(
        kind="PURCHASE",
        source="till",
        message_id=token,
        occurred_at=at,
        customer=who,
        product=f"p{what}",
        quantity=1,
        unit_price=500,
        order_id=f"o{token}",
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
