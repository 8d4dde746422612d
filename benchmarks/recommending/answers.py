"""REC-8: the API's lists from a million products, one process of the product's own server."""

import http.client
import json
import time
from collections.abc import Sequence

import numpy as np

from benchmarks.bars import Bars
from benchmarks.installation import database, python, server

SIZE = ("1000000", "5000", "150000")
"""Products, customers and purchases; on SQLite, trained as any shop is."""


def answers(bars: Bars) -> None:
    """A list of the night, and one folded in for who did something since; asked one by one."""
    with database("SQLite") as environment:
        shop = json.loads(python(environment, "-m", "benchmarks.recommending.large_shop", *SIZE))
        with server(environment, workers=1) as port:
            first = _asked(port, shop["key"], shop["settled"][:1])[0]
            settled = _asked(port, shop["key"], shop["settled"][1:])
            moved = _asked(port, shop["key"], shop["moved"])
    bars.say(f"\nA customer's list by API, {int(SIZE[0]):,} products, one process, milliseconds")
    bars.say(f"  the very first, which reads the model: {first:,.0f}")
    for name, took in (("of the night", settled), ("folded in anew", moved)):
        half, most = np.quantile(took, [0.5, 0.95])
        bars.say(f"  {name}: median {half:.1f}, p95 {most:.1f} of {len(took)}")
        bars.at_most(f"REC-8-{name.replace(' ', '-')}-p95-ms", float(most), 50.0)


def _asked(port: int, key: str, customers: Sequence[str]) -> list[float]:
    """Milliseconds from the question to the last byte, over one connection kept open."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    took = []
    for customer in customers:
        start = time.perf_counter()
        connection.request(
            "GET",
            f"/api/v1/customers/{customer}/recommendations/?limit=20",
            headers={"Authorization": f"Bearer {key}"},
        )
        answer = connection.getresponse()
        said = answer.read()
        took.append((time.perf_counter() - start) * 1000)
        assert answer.status == 200, f"{answer.status}: {said[:300]!r}"
        listed = json.loads(said)
        assert listed["personalised"], f"{customer} was given the common list."
        assert len(listed["items"]) == 20, f"{customer} was given {len(listed['items'])} products."
    connection.close()
    return took
