"""The one Celery app: the broker's settings, and publishing a hint.

Made on first use, so that what needs no broker does not load Celery.
"""

from functools import cache
from typing import Any

from celery import Celery
from django.conf import settings
from kombu import Exchange, Queue

from .registry import QUEUES

RUN_TASK = "jobs.run"
TICK_TASK = "jobs.tick"

REDIS_OPTIONS = {
    # A frozen broker is an error after seconds; redis-py would wait for ever.
    "socket_timeout": 5.0,
    "socket_connect_timeout": 2.0,
    "socket_keepalive": True,
    "health_check_interval": 25,
    # Above every job's time limit. A message that comes back earlier would do no harm: the run it
    # names is claimed already.
    "visibility_timeout": 5 * 3600,
}
MEMORY_OPTIONS = {"polling_interval": 0.2}


@cache
def celery_app() -> Celery:
    app = Celery("retention")
    app.conf.update(celery_settings(settings.REDIS_URL))
    return app


def publish(run_id: int, *, queue: str) -> None:
    """Tell one worker of the queue that a run is due. Raises whatever the broker raises."""
    celery_app().send_task(
        RUN_TASK, kwargs={"run_id": run_id}, queue=queue, ignore_result=True, retry=False
    )


def celery_settings(redis_url: str) -> dict[str, Any]:
    """Without Redis the broker is the memory of each worker process."""
    return {
        "broker_url": redis_url or "memory://localhost/",
        "broker_transport_options": REDIS_OPTIONS if redis_url else MEMORY_OPTIONS,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "task_queues": [
            Queue(name, Exchange("jobs", type="direct"), routing_key=name) for name in QUEUES
        ],
        "task_default_exchange": "jobs",
        "task_default_routing_key": "default",
        "task_default_queue": "default",
        "task_create_missing_queues": False,
        # Acknowledged when done, and given back when a child dies: both, or a killed child's
        # message is gone. With one message a child in hand.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "task_ignore_result": True,
        "task_store_errors_even_if_ignored": False,
        "task_serializer": "json",
        "accept_content": ["json"],
        "enable_utc": True,
        "timezone": "UTC",
        # On SIGQUIT (and SIGTERM with REMAP_SIGTERM=SIGQUIT) jobs may finish for so long; what is
        # left goes back to the queue.
        "worker_soft_shutdown_timeout": 8.0,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_enable_remote_control": bool(redis_url),
        "worker_hijack_root_logger": False,
        # A child that died is missed after so many seconds.
        "worker_lost_wait": 3.0,
        "worker_max_memory_per_child": 1_500_000,
        "imports": ["retention.jobs.worker"],
    }
