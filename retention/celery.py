"""The Celery app of workers and beat: `celery -A retention.celery worker`.

Nothing imports this module: `retention.jobs` publishes through the same app, made by its broker.
"""

import os
import warnings

import django
from celery.exceptions import SecurityWarning

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "retention.settings")
django.setup()

from retention.env import DATA_DIR  # noqa: E402 - settings first
from retention.jobs.broker import TICK_TASK, celery_app  # noqa: E402
from retention.jobs.leaving import PoliteWorker  # noqa: E402
from retention.jobs.sweeper import Sweeper  # noqa: E402

TICK_SECONDS = 15

# It warns root of messages that run code when they are read. Ours are JSON.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = celery_app()
app.Worker = app.subclass_with_self(PoliteWorker)  # type: ignore[misc] # a cached property
app.steps["worker"].add(Sweeper)
app.conf.update(
    # Schedules live in the database, where operators change them; beat only says that time passes.
    beat_schedule={
        "tick": {
            "task": TICK_TASK,
            "schedule": TICK_SECONDS,
            "options": {"queue": "default", "expires": TICK_SECONDS},
        }
    },
    beat_schedule_filename=str(DATA_DIR / "beat"),
)
