"""Health, for load balancers and alarms. Nothing here tells of customers, hosts or versions."""

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .models import Heartbeat
from .selectors import WorkHealth, work_health

UNREACHABLE = "The database does not answer."


@never_cache
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "live"})


@never_cache
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """This process can serve: its database answers. 503 where not."""
    try:
        Heartbeat.objects.exists()
    except DatabaseError:
        return JsonResponse({"status": "not ready", "problems": [UNREACHABLE]}, status=503)
    return JsonResponse({"status": "ready"})


@never_cache
@require_safe
def work(_request: HttpRequest) -> JsonResponse:
    """Somebody works, and nothing is late. 503 where not: for an alarm, not for a load balancer."""
    try:
        health = work_health(at=timezone.now())
    except DatabaseError:
        return JsonResponse({"status": "silent", "problems": [UNREACHABLE]}, status=503)
    status = "silent" if health.problems else "working"
    return JsonResponse(
        {"status": status, "problems": health.problems, **_figures(health)},
        status=503 if health.problems else 200,
    )


def _figures(health: WorkHealth) -> dict[str, object]:
    return {
        "oldest_waits_seconds": health.oldest_waits_seconds,
        "queues": {
            queue.name: {
                "workers": queue.workers,
                "running": queue.running,
                "waiting": queue.waiting,
            }
            for queue in health.queues
        },
    }
