"""Facts about customers in words."""


def events_and_ids(events: int, ids: int) -> str:
    """As in "294 events and 2 ids"."""
    return f"{_counted(events, 'event')} and {_counted(ids, 'id')}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
