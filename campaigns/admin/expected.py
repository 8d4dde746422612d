"""What a coupon was expected to change with its customer, in words."""

from collections.abc import Iterator

from campaigns.selectors.explanation import Explanation
from retention.insights.admin.uplift import WORDS
from retention.learning.decide.uplift import Response
from retention.present.templatetags.present import percent


def expected_words(told: Explanation) -> Iterator[str]:
    """Sentences: the chances, and what they rest on."""
    if told.chance_without is None or told.chance_with is None:
        yield "Nothing was known of how likely an order was."
    else:
        yield (
            f"Expected to order with a chance of {percent(told.chance_without)} without the offer"
            f" and {percent(told.chance_with)} with it,"
        )
        yield _rests_on(told)
    if told.uplift is not None:
        kind = WORDS[Response(told.response)] if told.response else "Of a kind no longer known"
        yield (
            f"{kind}. The uplift models that ranked the customers predicted"
            f" {told.uplift * 100:+.1f} points."
        )


def _rests_on(told: Explanation) -> str:
    if told.uplift is not None:
        return "as uplift models learned from past campaigns."
    if not told.is_causal:
        return "as assumed: not yet causal, no campaign had been measured."
    many = "1 campaign" if told.campaigns == 1 else f"{told.campaigns} campaigns"
    return f"as {many} measured to the last day had it."
