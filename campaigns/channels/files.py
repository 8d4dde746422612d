"""Where no mail server is set up e-mails become files, one each, so that they can be looked at."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

KEPT = timedelta(days=1)
"""They hold names and addresses: longer than for a look they are not kept."""


class FileBackend(BaseEmailBackend):
    """EMAIL_BACKEND of an installation that was told of no mail server."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.MAIL_FILES)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for mail in email_messages:
            path = file_of(mail.extra_headers["Message-ID"].strip("<>").partition("@")[0])
            path.write_bytes(mail.message().as_bytes())
            path.chmod(0o600)
        return len(email_messages)


def file_of(key: str) -> Path:
    """By the message's id: a repeat is the same file."""
    return Path(settings.MAIL_FILES) / f"{key}.eml"


def clear_files(*, at: datetime) -> int:
    """Delete what was written a day ago or longer; returns how many."""
    old = [
        path
        for path in Path(settings.MAIL_FILES).glob("*.eml")
        if path.stat().st_mtime < (at - KEPT).timestamp()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
