import re
from typing import Any

import msgspec

from retention.access.models import IdempotentAnswer


def blank_answers(*, naming: str, instead: str) -> int:
    """Replace every text that matches the pattern in the answers kept; returns in how many.

    The answers keep their shape: who repeats a request still learns how it ended.
    """
    matching = IdempotentAnswer.objects.filter(body__iregex=naming)
    pattern = re.compile(naming, re.IGNORECASE)
    changed = []
    for answer in matching.iterator():
        blank = _blank(msgspec.json.decode(answer.body), pattern, instead)
        answer.body = msgspec.json.encode(blank).decode()
        changed.append(answer)
    return IdempotentAnswer.objects.bulk_update(changed, ["body"], batch_size=200)


def _blank(value: Any, pattern: re.Pattern[str], instead: str) -> Any:
    if isinstance(value, str):
        return instead if pattern.search(value) else value
    if isinstance(value, list):
        return [_blank(one, pattern, instead) for one in value]
    if isinstance(value, dict):
        return {name: _blank(one, pattern, instead) for name, one in value.items()}
    return value
