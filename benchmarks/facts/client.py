"""A shop that sends: `python -m benchmarks.facts.client PORT COUNT`, its API key in API_KEY.

Batches of 1,000 over two connections, written as JSON before the clock starts. Prints the seconds
from the first byte sent to the last answer read.
"""

import http.client
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import msgspec

from benchmarks.facts.shop import messages

BATCH, CONNECTIONS = 1_000, 2


def main(port: int, count: int) -> None:
    events = messages(count, seed=5)
    bodies = [msgspec.json.encode(events[at : at + BATCH]) for at in range(0, count, BATCH)]
    key = os.environ["API_KEY"]
    start = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as senders:
        sent = list(
            senders.map(lambda n: _send(port, key, bodies[n::CONNECTIONS]), range(CONNECTIONS))
        )
    seconds = time.perf_counter() - start
    assert sum(sent) == count, f"{sum(sent)} of {count} events were stored."
    print(seconds)


def _send(port: int, key: str, bodies: list[bytes]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    stored = 0
    for body in bodies:
        connection.request("POST", "/api/v1/events/", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        assert answer.status == 202, f"{answer.status}: {said[:300]!r}"
        stored += msgspec.json.decode(said)["stored"]
    connection.close()
    return stored


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
