"""Facts about customers in words."""

from retention.present.templatetags.present import counted


def events_and_ids(events: int, ids: int) -> str:
    """As in "294 events and 2 ids"."""
    return f"{counted(events, 'event')} and {counted(ids, 'id')}"
