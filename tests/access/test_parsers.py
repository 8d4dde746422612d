import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.access.api import Problem
from retention.access.api.parsers import decoded, read_within


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"NaN",
        b'"\xff"',
        b'["\\ud800"]',
        b'["\\u0000"]',
        b'["\x00"]',
        b"[1e999]",
        b"[123456789012345678901234567890]",
        b'{"deep": [-9223372036854775809]}',
        b"[" * 100_000,
    ],
)
def test_what_no_view_should_meet_is_a_400(body: bytes) -> None:
    with pytest.raises(Problem) as refused:
        decoded(body)

    assert refused.value.status == 400


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_parser(body: bytes) -> None:
    with contextlib.suppress(Problem):
        decoded(body)


def test_a_long_number_inside_a_text_is_just_a_text() -> None:
    assert decoded(b'["123456789012345678901234567890"]') == ["123456789012345678901234567890"]


def test_a_body_beyond_its_limit_is_a_413() -> None:
    with pytest.raises(Problem) as refused:
        read_within(io.BytesIO(b"x" * 11), 10)

    assert refused.value.status == 413
