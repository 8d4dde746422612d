from retention.jobs.models import JobRun


def blank_words(*, naming: str, instead: str) -> None:
    """Replace every message and error of a job that matches the pattern.

    A database that refuses a row quotes it, so what a job failed of may name a person.
    """
    JobRun.objects.filter(message__iregex=naming).update(message=instead)
    JobRun.objects.filter(error__iregex=naming).update(error=instead)
