"""Whether the product lives, and whether it gets its work done: for load balancers and alarms."""

from dataclasses import asdict

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from retention.jobs.selectors import work_health


def live(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """The database answers and work is being done; 503 where it is not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    health = work_health(at=timezone.now())
    said = {"status": "behind" if health.problems else "ok", "problems": health.problems}
    return JsonResponse(said | asdict(health), status=503 if health.problems else 200)
