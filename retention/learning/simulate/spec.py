"""What a simulated shop is asked to be."""

from dataclasses import dataclass

FIRST_DAY = 19_723  # 2024-01-01, in days since 1970-01-01


@dataclass(frozen=True, kw_only=True)
class ShopSpec:
    """Size, time and chance of a shop; the same spec always makes the same shop.

    start_day : days since 1970-01-01; the shop opens that day.
    joining_days : new customers keep arriving for so many days after the opening.
    founding_share : of the customers, who arrive in the first four weeks.
    orders_a_year : what an average customer who stays would order, before seasons and moods.
    order_cost : minor units the shop pays to pick, pack and ship an order.
    """

    n_customers: int = 3_000
    n_products: int = 400
    start_day: int = FIRST_DAY
    joining_days: int = 730
    founding_share: float = 0.35
    orders_a_year: float = 11.0
    order_cost: int = 350
    currency: str = "GBP"
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("n_customers", "n_products", "joining_days", "orders_a_year"):
            if getattr(self, name) <= 0:
                raise ValueError(f"ShopSpec: {name} is {getattr(self, name)}; it must be above 0.")
        if not 0 <= self.founding_share <= 1:
            raise ValueError(
                f"ShopSpec: founding_share is {self.founding_share}; it is a share from 0 to 1."
            )
        if self.seed < 0 or self.start_day < 0:
            raise ValueError(
                f"ShopSpec: seed {self.seed} and start_day {self.start_day} must not be negative."
            )
