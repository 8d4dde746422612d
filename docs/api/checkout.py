"""A whole checkout with a coupon, as a shop's plug-in does it. Needs nothing but Python.

python checkout.py http://127.0.0.1:8000 rk_your_key K7QM-3TXW-9HRB c-1042
"""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request


class Coupons:
    """The calls of one coupon. Each may be sent again: it counts once."""

    def __init__(self, shop: str, key: str, code: str) -> None:
        self.address = f"{shop}/api/v1/coupons/{urllib.parse.quote(code)}/"
        self.key = key

    def post(self, verb: str, **body: object) -> dict:
        """What was answered; a refusal is shown with every reason, and what would help."""
        request = urllib.request.Request(
            f"{self.address}{verb}/",
            data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.loads(answer.read() or "{}")
        except urllib.error.HTTPError as refused:
            problem = json.load(refused)
            for reason in problem.get("reasons", []):
                print(f"{reason['reason']}: {reason['message']} {reason['remedy']}")
            raise SystemExit(f"{refused.code}: {problem['detail']}") from None


def checkout(coupons: Coupons, customer: str) -> None:
    lines = [{"product": "mug-1", "amount": 1667}, {"product": "pot-2", "amount": 3333}]
    order = {"order_id": "2026-0815", "customer": customer, "currency": "GBP", "amount": 5000}
    order |= {"lines": lines}

    # In the basket, with every change of it.
    verdict = coupons.post("validate", **order)
    if not verdict["valid"]:
        raise SystemExit("; ".join(reason["message"] for reason in verdict["reasons"]))
    print(f"{verdict['discount_amount']} off, by line {verdict['line_discounts']}")

    # On the way to the payment page, so that nobody else uses it meanwhile.
    lock = coupons.post("lock", **order)
    print(f"kept until {lock['until']}")

    # The payment came: the order is placed.
    use = coupons.post("redeem", **order)
    print(f"spent: {use['discount_amount']} off {use['order_amount']}")

    # A week later the mug comes back: pay back what it cost, less its part of the discount.
    refund = coupons.post(
        "refund", order_id=order["order_id"], refund_id="r-1", amount=1667, lines=lines[:1]
    )
    print(f"pay back {refund['amount'] - refund['discount_amount']}")

    # Then the whole order is cancelled: the coupon can be used again.
    coupons.post("release", order_id=order["order_id"])
    print("given back")


if __name__ == "__main__":
    shop, key, code, customer = sys.argv[1:]
    checkout(Coupons(shop, key, code), customer)
