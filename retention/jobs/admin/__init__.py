"""What operators see of the work that runs by itself: every run, and every schedule."""

from .runs import JobRunAdmin
from .schedules import ScheduleAdmin

__all__ = ["JobRunAdmin", "ScheduleAdmin"]
