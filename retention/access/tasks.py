from typing import Any

from retention.access.audit import first_broken, has_seal, last_seal
from retention.access.models import AuditEntry
from retention.access.services.clean import KEEP_DAYS, forget_answers
from retention.jobs.models import JobRun
from retention.jobs.registry import Refused, Running, job
from retention.present.moments import day


@job("access.forget_answers", title="Forget old answers of the API")
def forget_old_answers(run: Running, *, days: int = KEEP_DAYS, **_: Any) -> dict[str, Any]:
    return {"removed": forget_answers(at=run.at, keep_days=days)}


CHECK_LOG = "access.check_log"


@job(CHECK_LOG, title="Check the audit log")
def check_audit_log(run: Running, **_: Any) -> dict[str, Any]:
    """Fails where an entry was changed or removed, so that operators see it.

    The next check compares with what this one answers: after the last entry there is none that
    would no longer fit.
    """
    if broken := first_broken():
        raise Refused(
            f"The audit log is not as it was written: entry {broken.pk} of {day(broken.at)},"
            f" or one just before it, was changed or removed. Compare it with a backup."
        )
    seen = JobRun.objects.filter(job=CHECK_LOG, state=JobRun.State.DONE).order_by("-pk").first()
    if seen and not has_seal(seen.result.get("seal", "")):
        raise Refused(
            f"The audit log is not as it was: of the entries that it had on"
            f" {day(seen.scheduled_for)} ({seen.result['entries']:,}) the last were removed, or all"
            f" written anew. Compare it with a backup."
        )
    return {"entries": AuditEntry.objects.count(), "seal": last_seal()}
