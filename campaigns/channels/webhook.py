"""Letters as signed POSTs to a system of the shop, one each.

    X-Retention-Timestamp: 1780315200
    X-Retention-Signature: v1=<hex HMAC-SHA256 of "timestamp.body" by the shared secret>
    Idempotency-Key: <the key of the message; a repeat has the same>

Without the customer's address: the shop knows its customers by the ids it gave them.
"""

import hashlib
import hmac
import http.client
import ipaddress
import json
import ssl
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

from campaigns.carrying import Clock, NotCarried
from campaigns.letters import Letter

TIMEOUT_SECONDS = 10
MOST_READ = 1024


class Unsafe(Exception):
    """An address that letters must not be posted to."""


class Webhook:
    """A Carrier by POST. Raises Unsafe for what is neither https nor this machine."""

    def __init__(self, url: str, *, secret: str, now: Clock) -> None:
        self.url = safe(url)
        self.secret = secret.encode()
        self.now = now
        self.connection: http.client.HTTPConnection | None = None

    def carry(self, letter: Letter) -> None:
        # A redirect is not followed: what was signed for one address is not for another.
        status = self._status(as_json(letter), letter.key)
        if not 200 <= status < 300:
            raise NotCarried(f"The webhook answered {status}.")

    def close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()

    def _status(self, body: bytes, key: str) -> int:
        rested = self.connection is not None
        try:
            return self._post(body, key)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if rested:
                # The other side often closes a connection that rests: once more, by a new one.
                return self._status(body, key)
            raise NotCarried(f"The webhook did not answer: {type(error).__name__}.") from None

    def _post(self, body: bytes, key: str) -> int:
        connection = self.connection = self.connection or _connection(self.url)
        target = (self.url.path or "/") + (f"?{self.url.query}" if self.url.query else "")
        connection.request("POST", target, body, self._headers(body, key))
        response = connection.getresponse()
        if len(response.read(MOST_READ)) == MOST_READ:
            # More than an answer needs: the rest would be in the way of the next.
            self.close()
        return response.status

    def _headers(self, body: bytes, key: str) -> dict[str, str]:
        timestamp = str(int(self.now().timestamp()))
        return {
            "Content-Type": "application/json",
            "User-Agent": "Retention",
            "Idempotency-Key": key,
            "X-Retention-Timestamp": timestamp,
            "X-Retention-Signature": signature(self.secret, timestamp, body),
        }


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    signed = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(secret, signed, hashlib.sha256).hexdigest()


def as_json(letter: Letter) -> bytes:
    said: dict[str, Any] = {
        "id": letter.key,
        "type": "message",
        "test": letter.is_test,
        "campaign": {"id": letter.campaign, "name": letter.campaign_name},
        "customer": letter.customer,
        "coupon": {
            "code": letter.code,
            "offer": letter.offer,
            "expires_at": _moment(letter.expires_at),
        },
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "unsubscribe_url": letter.unsubscribe,
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def safe(url: str) -> SplitResult:
    """Raises Unsafe."""
    parts = urlsplit(url)
    if parts.username or parts.password or not parts.hostname:
        raise Unsafe("WEBHOOK_URL must name a host, and no user or password.")
    if parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(parts.hostname)):
        return parts
    raise Unsafe("WEBHOOK_URL must begin with https://, or be on this machine.")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _connection(url: SplitResult) -> http.client.HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, url.port, timeout=TIMEOUT_SECONDS, context=context)
    return http.client.HTTPConnection(host, url.port, timeout=TIMEOUT_SECONDS)


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
