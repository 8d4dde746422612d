"""The features of looking, timing and rating in words."""

from typing import Final

from retention.learning.churn.wording import FREQUENCY, MONEY, RHYTHM, VARIETY
from retention.learning.features import FeatureSpec, Theme, Unit

VISITS: Final = (
    FeatureSpec(
        name="days_since_last_visit",
        label="Days since the last visit",
        unit=Unit.DAYS,
        theme="visits",
        sense=1,
        leads=True,
        sentence="no visit for {value}",
        missing="no visit recorded",
        counter="usually every {counter}",
        counter_from="usual_visit_gap_days",
        high="not looking",
        low="looking",
    ),
    FeatureSpec(
        name="visit_days_30",
        label="Days with a visit, of the last 30",
        unit=Unit.COUNT,
        theme="visits",
        sense=-1,
        sentence="visited on {value} of the last 30",
        noun=("day", "days"),
        high="often here",
        low="seldom here",
    ),
    FeatureSpec(
        name="views_30",
        label="Products viewed in 30 days",
        unit=Unit.COUNT,
        theme="visits",
        sense=-1,
        sentence="{value} in the last 30 days",
        noun=("product view", "product views"),
        high="browsing a lot",
        low="browsing little",
    ),
    FeatureSpec(
        name="carts_30",
        label="Products put in the basket in 30 days",
        unit=Unit.COUNT,
        theme="visits",
        sense=-1,
        sentence="{value} put in the basket in the last 30 days",
        noun=("product", "products"),
        high="filling baskets",
        low="not filling baskets",
    ),
    FeatureSpec(
        name="views_since_order",
        label="Views since the last order",
        unit=Unit.COUNT,
        theme="visits",
        sentence="{value} since the last order, none bought",
        noun=("product view", "product views"),
        high="looking without buying",
        low="not comparing",
    ),
    FeatureSpec(
        name="views_trend_30",
        label="Views in 30 days against the 30 before",
        unit=Unit.COUNT,
        theme="visits",
        sense=-1,
        sentence="{value} more in the last 30 days than in the 30 before",
        fewer="{value} fewer in the last 30 days than in the 30 before",
        equal="as many product views in the last 30 days as in the 30 before",
        noun=("product view", "product views"),
        high="growing interest",
        low="fading interest",
    ),
)

HABITS: Final = (
    FeatureSpec(
        name="weekend_share",
        label="Share of orders at the weekend",
        unit=Unit.SHARE,
        theme="habits",
        sentence="{value} of the orders came at the weekend",
        missing="never ordered",
        high="weekend",
        low="weekday",
    ),
    FeatureSpec(
        name="evening_share",
        label="Share of orders after six in the evening",
        unit=Unit.SHARE,
        theme="habits",
        sentence="{value} of the orders came after six in the evening",
        missing="never ordered",
        high="evening",
        low="daytime",
    ),
    FeatureSpec(
        name="last_rating",
        label="Last rating",
        unit=Unit.STARS,
        theme="habits",
        sense=-1,
        sentence="gave {value} in the last rating",
        missing="no rating given",
        high="pleased",
        low="displeased",
    ),
)

BEHAVIOUR: Final = (*RHYTHM, *FREQUENCY, *MONEY, *VARIETY, *VISITS, *HABITS)

THEMES: Final = {
    "rhythm": Theme("Lately, against their rhythm", "their orders of late, taken together"),
    "frequency": Theme("How much they have ordered", "all their orders so far, taken together"),
    "basket": Theme("What they buy", "what they buy, taken together"),
    "visits": Theme("Visits", "their visits, taken together"),
    "habits": Theme("Habits", "their habits, taken together"),
}
"""The stories that the features tell, in the order in which a person asks."""
