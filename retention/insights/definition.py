"""What this shop means by leaving."""

from typing import Final

from django.conf import settings

from retention.insights.models import ChurnDefinition

LOOK_BACK_DAYS: Final = 180


def current_definition() -> ChurnDefinition:
    """What this shop means by leaving; made from the settings when nobody said it yet."""
    definition = ChurnDefinition.objects.first()
    if definition is None:
        definition = ChurnDefinition(
            pk=1,
            horizon_days=settings.CHURN_HORIZON_DAYS,
            audience_days=max(LOOK_BACK_DAYS, settings.CHURN_HORIZON_DAYS),
        )
    return definition
