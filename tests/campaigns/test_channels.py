"""What carries a letter: signed POSTs, e-mails, files."""

import json
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from campaigns.carrying import NotCarried
from campaigns.channels.files import clear_files
from campaigns.channels.mail import Mailer
from campaigns.channels.webhook import Unsafe, Webhook, safe
from campaigns.letters import Letter
from retention.env import PROJECT_DIR
from tests.make import NOW

LETTER = Letter(
    key="a1" * 16,
    channel="WEBHOOK",
    campaign=7,
    campaign_name="Win them back",
    customer="c-1042",
    email="ada@example.com",
    code="7KQM-ABCD",
    offer="10% off",
    expires_at=NOW + timedelta(days=30),
    subject="For Zoë",
    text="Hi Zoë",
    html="<p>Hi Zoë</p>",
    unsubscribe="https://shop.example/unsubscribe/x/",
)


class Receiver(HTTPServer):
    """Answers what it is told to, and keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Keeping)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?shop=1"


class _Keeping(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def hook(receiver: Receiver) -> Webhook:
    return Webhook(receiver.url, secret="shared", now=lambda: NOW)


def documented_check() -> Any:
    """The function of docs/operators/sending.md, as a reader would paste it."""
    page = (PROJECT_DIR / "docs" / "operators" / "sending.md").read_text()
    pasted: dict[str, Any] = {}
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert code
    exec(code[1], pasted)  # noqa: S102 - our own page
    return pasted["is_from_us"]


def test_a_post_is_verified_as_the_docs_say_and_nothing_else_is(receiver: Receiver) -> None:
    hook(receiver).carry(LETTER)

    ((headers, body),) = receiver.got
    is_from_us, then = documented_check(), NOW.timestamp
    assert is_from_us(headers, body, "shared", now=then)
    assert not is_from_us(headers, body + b" ", "shared", now=then)
    assert not is_from_us(headers, body, "guessed", now=then)
    assert not is_from_us(headers, body, "shared", now=lambda: NOW.timestamp() + 301)
    assert headers["Idempotency-Key"] == LETTER.key


def test_a_post_names_the_customer_by_the_shops_own_id_and_no_address(receiver: Receiver) -> None:
    hook(receiver).carry(LETTER)

    said = json.loads(receiver.got[0][1])
    assert said["customer"] == "c-1042"
    assert said["coupon"] == {
        "code": "7KQM-ABCD",
        "offer": "10% off",
        "expires_at": "2026-07-01T12:00:00Z",
    }
    assert "ada@example.com" not in receiver.got[0][1].decode()


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_is_not_a_success_is_not_carried_and_no_redirect_is_followed(
    receiver: Receiver, status: int
) -> None:
    receiver.status = status

    with pytest.raises(NotCarried, match=f"answered {status}"):
        hook(receiver).carry(LETTER)

    assert len(receiver.got) == 1


def test_a_webhook_that_is_not_there_is_not_carried() -> None:
    with pytest.raises(NotCarried, match="did not answer: ConnectionRefusedError"):
        Webhook("http://127.0.0.1:9/", secret="s", now=lambda: NOW).carry(LETTER)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "http://169.254.169.254/",
        "ftp://localhost/",
        "https://a:b@x.example/",
    ],
)
def test_only_https_or_this_machine_is_posted_to(url: str) -> None:
    with pytest.raises(Unsafe, match="WEBHOOK_URL must"):
        safe(url)


def test_an_email_has_both_forms_a_way_out_and_the_id_of_its_message(
    mailoutbox: list[Any],
) -> None:
    Mailer().carry(LETTER)

    mail = message_from_bytes(mailoutbox[0].message().as_bytes(), policy=policy.default)
    assert (mail["To"], mail["Subject"]) == ("ada@example.com", "For Zoë")
    assert mail["Message-ID"] == f"<{LETTER.key}@localhost>"
    assert mail["List-Unsubscribe"] == "<https://shop.example/unsubscribe/x/>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]


def test_without_a_mail_server_emails_become_files_for_a_day(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "campaigns.channels.files.FileBackend"
    settings.MAIL_FILES = tmp_path / "mail"

    for _ in range(2):
        Mailer().carry(LETTER)

    (path,) = settings.MAIL_FILES.iterdir()
    assert path.name == f"{LETTER.key}.eml", "a repeat is the same file"
    assert path.stat().st_mode & 0o077 == 0
    written = NOW.fromtimestamp(path.stat().st_mtime, tz=NOW.tzinfo)
    assert clear_files(at=written + timedelta(hours=23)) == 0
    assert clear_files(at=written + timedelta(hours=25)) == 1
