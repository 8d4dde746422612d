"""Who may sign in to a demonstration: two people, since nobody approves their own campaign."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User

from retention.access.models import Scope
from retention.access.services.keys import make_key


@dataclass(frozen=True)
class SignIn:
    """What to type. The key is for the API."""

    operator: str
    approver: str
    password: str
    api_key: str


def people_file() -> Path:
    """Where they are kept; being there, it says that the installation is a demonstration."""
    return Path(settings.ARTIFACT_DIR).parent / "secrets" / "demo.json"


def sign_in(*, at: datetime) -> SignIn:
    """The demonstration's people and key, made once and kept with mode 0600."""
    path = people_file()
    if path.exists():
        kept = SignIn(**json.loads(path.read_text()))
        if User.objects.filter(username__in=[kept.operator, kept.approver]).count() == 2:
            return kept
        path.unlink()  # Of a database that is gone.
    password = secrets.token_urlsafe(9)
    for name in ("anna", "ben"):
        if not User.objects.filter(username=name).exists():
            User.objects.create_superuser(name, password=password)
    _, key = make_key("The demonstration", scopes=list(Scope.values), at=at)
    made = SignIn(operator="anna", approver="ben", password=password, api_key=key)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(made), file)
    return made
