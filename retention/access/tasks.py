from typing import Any

from retention.access.audit import first_broken
from retention.access.services.clean import KEEP_DAYS, forget_answers
from retention.jobs.registry import Refused, Running, job


@job("access.forget_answers", title="Forget old answers of the API")
def forget_old_answers(run: Running, *, days: int = KEEP_DAYS, **_: Any) -> dict[str, Any]:
    return {"removed": forget_answers(at=run.at, keep_days=days)}


@job("access.check_log", title="Check the audit log")
def check_audit_log(run: Running, **_: Any) -> dict[str, Any]:
    """Fails where an entry was changed or removed, so that operators see it."""
    if broken := first_broken():
        raise Refused(
            f"The audit log is not as it was written: entry {broken.pk} of {broken.at:%-d %B %Y},"
            f" or one just before it, was changed or removed. Compare it with a backup."
        )
    return {"whole": True}
