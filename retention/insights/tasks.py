from typing import Any

from retention.insights.contest_words import contest_verdict
from retention.insights.joining_words import verdict
from retention.insights.models import DataFinding, ModelVersion, Segment, Severity, TrainingRun
from retention.insights.refreshing import ask_for_rows, ask_for_training
from retention.insights.selectors import known_until
from retention.insights.services.associate import associate_products
from retention.insights.services.check_data import check_data
from retention.insights.services.compare_classifiers import (
    NothingToCompare,
    compare_classifiers,
)
from retention.insights.services.foretell_categories import foretell_categories
from retention.insights.services.forget_changes import forget_changes
from retention.insights.services.forget_shown import forget_shown
from retention.insights.services.forget_watches import forget_watches
from retention.insights.services.learn_joining import learn_who_joins
from retention.insights.services.prune import prune_versions
from retention.insights.services.recommend import NothingServes, recommend_to_everyone
from retention.insights.services.refresh_segments import refresh_segments
from retention.insights.services.score import score_everyone
from retention.insights.services.segment import segment_everyone
from retention.insights.services.time_contacts import time_contacts
from retention.insights.services.train import train
from retention.insights.services.watch import should_retrain, watch_churn
from retention.jobs.registry import Running, job


@job("insights.train", title="Train a model", queue="training", retries=1)
def train_model(run: Running, *, kind: str, write_rows: bool = False, **_: Any) -> dict[str, Any]:
    """write_rows : have them follow where the version serves, as a night's own jobs do."""
    done = train(
        kind,
        at=run.at,
        as_of=known_until(run.at),
        asked_by=run.asked_by,
        progress=run.progress,
    )
    said = {"training_run": done.pk, "state": done.state, "message": done.message}
    if done.state == TrainingRun.State.DONE:
        said |= {"version": done.version.number, "verdict": done.version.verdict}
        if write_rows and done.version.state == ModelVersion.State.CHAMPION:
            ask_for_rows(kind, at=run.at, asked_by=run.asked_by)
    return said


@job("insights.compare", title="Compare classifiers of churn", queue="training", retries=0)
def compare(run: Running, **_: Any) -> dict[str, Any]:
    try:
        done = compare_classifiers(at=known_until(run.at), progress=run.progress)
    except NothingToCompare as nothing:
        return {"message": str(nothing)}
    return {"training_run": done.pk, "message": contest_verdict(done.metrics["classifiers"])}


@job("insights.score", title="Score customers", queue="training")
def score_customers(run: Running, **_: Any) -> dict[str, Any]:
    at = known_until(run.at)
    return {
        "scores": score_everyone(at=at, progress=run.progress),
        "segments": segment_everyone(at=at, progress=run.progress),
        **time_contacts(at=at, progress=run.progress),
    }


@job("insights.watch", title="Watch the models", queue="training")
def watch_models(run: Running, **_: Any) -> dict[str, Any]:
    seen = watch_churn(at=known_until(run.at), progress=run.progress)
    if seen is None:
        return {"message": "No churn model serves, or nobody has ordered lately."}
    said: dict[str, Any] = {"version": seen.number, "decays": seen.decays}
    if should_retrain(seen):
        # Once a version: a training that did not help would not help the night after.
        key = f"decay of {seen.version}"
        asked = ask_for_training(seen.kind, at=run.at, asked_by="the watch", key=key)
        said["training"] = asked.pk
    return said


@job("insights.next_categories", title="Foretell the next category", queue="training")
def foretell(run: Running, **_: Any) -> dict[str, Any]:
    return foretell_categories(at=known_until(run.at), progress=run.progress)


@job("insights.segments", title="Refresh segments with a rule", queue="training")
def refresh_rule_segments(run: Running, **_: Any) -> dict[str, Any]:
    rules = Segment.objects.of_rules().order_by("pk")
    return dict(
        refresh_segments(rules, as_of=known_until(run.at), at=run.at, progress=run.progress)
    )


@job("insights.segment", title="Refresh a segment", schedulable=False)
def refresh_one_segment(run: Running, *, segment_id: int, **_: Any) -> dict[str, Any]:
    rule = Segment.objects.of_rules().filter(pk=segment_id)
    return dict(refresh_segments(rule, as_of=known_until(run.at), at=run.at))


@job(
    "insights.who_joins",
    title="Learn who joins a segment",
    queue="training",
    retries=1,
    schedulable=False,
)
def learn_joining(run: Running, *, segment_id: int, days: int, **_: Any) -> dict[str, Any]:
    segment = Segment.objects.filter(pk=segment_id).first()
    if segment is None:
        return {"message": "The segment was deleted meanwhile."}
    as_of = known_until(run.at)
    learned = learn_who_joins(
        segment, horizon_days=days, as_of=as_of, at=run.at, progress=run.progress
    )
    return {"segment": segment.name, "message": verdict(learned)}


@job("insights.recommend", title="Compute recommendations", queue="training")
def compute_recommendations(run: Running, **_: Any) -> dict[str, Any]:
    try:
        return dict(recommend_to_everyone(at=known_until(run.at), progress=run.progress))
    except NothingServes as nothing:  # A young shop's every night, and no failure.
        return {"lists": 0, "message": str(nothing)}


@job("insights.associate", title="Write what is bought together", queue="training")
def write_rules(run: Running, **_: Any) -> dict[str, Any]:
    return {"rules": associate_products(progress=run.progress)}


@job("insights.check_data", title="Check the data", queue="training")
def check_the_data(run: Running, **_: Any) -> dict[str, Any]:
    check = check_data(at=run.at, progress=run.progress)
    found = DataFinding.objects.values_list("severity", flat=True)
    serious = sum(severity == Severity.SERIOUS for severity in found)
    return {"events": check.events, "findings": len(found), "serious": serious}


@job("insights.clean", title="Remove old model versions")
def remove_old_versions(run: Running, **_: Any) -> dict[str, Any]:
    return {
        "removed": prune_versions(at=run.at),
        "seen_in_lists": forget_shown(at=run.at),
        "left_segments": forget_changes(at=run.at),
        "watches": forget_watches(at=run.at),
    }
