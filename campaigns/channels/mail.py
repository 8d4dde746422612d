"""Letters as e-mail, plain and HTML, over one connection."""

import contextlib
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from campaigns.carrying import NotCarried
from campaigns.letters import Letter

FOR_EVER = 500
"""From here on an SMTP server says that it will not take it later either."""


class Mailer:
    """A Carrier by Django's e-mail backend."""

    def __init__(self) -> None:
        self.connection: BaseEmailBackend | None = None

    def carry(self, letter: Letter) -> None:
        try:
            if self.connection is None:
                connection = get_connection()
                connection.open()
                self.connection = connection
            self.connection.send_messages([as_email(letter)])
        except SMTPRecipientsRefused as refused:
            self.close()
            codes = [code for code, _ in refused.recipients.values()]
            raise NotCarried(
                f"The mail server refused the address ({codes[0] if codes else 'no code'}).",
                for_ever=bool(codes) and min(codes) >= FOR_EVER,
            ) from None
        except SMTPResponseException as error:
            self.close()
            raise NotCarried(f"The mail server answered {error.smtp_code}.") from None
        except (OSError, SMTPException) as error:
            # Its words may quote an address.
            self.close()
            raise NotCarried(f"No mail server took it: {type(error).__name__}.") from None

    def close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            with contextlib.suppress(OSError, SMTPException):
                connection.close()


def as_email(letter: Letter) -> EmailMultiAlternatives:
    """With one-click unsubscribing by RFC 8058, and an id that a repeat shares."""
    headers = {
        "Message-ID": f"<{letter.key}@{settings.MAIL_DOMAIN}>",
        "List-Unsubscribe": f"<{letter.unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    mail = EmailMultiAlternatives(
        letter.subject, letter.text, settings.DEFAULT_FROM_EMAIL, [letter.email], headers=headers
    )
    page = render_to_string("mail/message.html", {"letter": letter})
    mail.attach_alternative(page, "text/html")
    return mail
