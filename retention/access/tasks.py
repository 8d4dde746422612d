from typing import Any

from retention.access.services.clean import KEEP_DAYS, forget_answers
from retention.jobs.registry import Running, job


@job("access.forget_answers", title="Forget old answers of the API")
def forget_old_answers(run: Running, *, days: int = KEEP_DAYS, **_: Any) -> dict[str, Any]:
    return {"removed": forget_answers(at=run.at, keep_days=days)}
