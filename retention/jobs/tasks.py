from typing import Any

from .registry import Running, job
from .services.clean import clean


@job("jobs.clean", title="Forget old jobs")
def clean_old_runs(run: Running, *, days: int = 90, **_: Any) -> dict[str, Any]:
    return {"removed": clean(at=run.at, keep_days=days)}
