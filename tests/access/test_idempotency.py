from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from catalog.models import Product
from retention.access.api import Problem, idempotent
from retention.access.models import IdempotentAnswer
from tests import make

pytestmark = pytest.mark.django_db


class Counter(APIView):
    """A view whose effect shows how often it ran."""

    required_scopes = {"POST": "read"}
    ran: list[Any] = []

    @idempotent
    def post(self, request: Request) -> Response:
        if request.data == {"refuse": True}:
            raise Problem(409, "No")
        make.product()
        self.ran.append(request.data)
        return Response({"run": len(self.ran)}, status=201)


def post(body: object, key: str = "k1") -> Response:
    request = APIRequestFactory().post("/x/", body, format="json", headers={"Idempotency-Key": key})
    force_authenticate(request, user=make.user())
    response = Counter.as_view()(request)
    assert isinstance(response, Response)
    return response


@pytest.fixture(autouse=True)
def _one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    Counter.ran = []
    monkeypatch.setattr("retention.access.api.idempotency._client", lambda request: "client")


def test_a_repeated_key_has_one_effect_and_one_answer() -> None:
    first, second = post({"a": 1}), post({"a": 1})

    assert (first.status_code, first.data) == (second.status_code, second.data)
    assert len(Counter.ran) == 1
    assert second["Idempotency-Replayed"] == "true"


def test_another_body_under_the_same_key_is_refused() -> None:
    post({"a": 1})

    assert post({"a": 2}).status_code == 422
    assert len(Counter.ran) == 1


def test_another_key_is_another_request() -> None:
    post({"a": 1}, key="k1")
    post({"a": 1}, key="k2")

    assert len(Counter.ran) == 2


def test_a_refusal_is_not_kept_so_that_the_client_can_mend_it() -> None:
    assert post({"refuse": True}).status_code == 409
    assert not IdempotentAnswer.objects.exists()


def test_the_effect_is_undone_where_its_answer_cannot_be_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full_disk(*_: Any, **__: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(IdempotentAnswer, "save", full_disk)

    with pytest.raises(OSError, match="No space"):
        post({"a": 1})
    assert not Product.objects.exists()


@pytest.mark.parametrize("key", ["", " ", "a b", "ü", "\x00", "x" * 129])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    assert post({"a": 1}, key=key).status_code == 400
    assert Counter.ran == []
