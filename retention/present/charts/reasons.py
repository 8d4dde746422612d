"""Why a score is what it is: signed bars, and the way from the usual score to this one."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from django.utils.safestring import SafeString

from retention.present.templatetags.present import percent, signed

from .frame import Form, Scale, room_for
from .svg import Picture, cut, element, join, mark, text

ROW = 30
OPPOSITE = {"bad": "good", "good": "bad"}


@dataclass(frozen=True)
class Push:
    """One reason: how far it moved the score, up or down."""

    label: str
    effect: float
    note: str = ""

    def says(self, words: str) -> str:
        return f"{self.label}: {words}" + (f". {self.note}" if self.note else "")

    def tone(self, up_is: str) -> str:
        return up_is if self.effect > 0 else OPPOSITE.get(up_is, "quiet")


def reasons(
    pushes: Sequence[Push],
    *,
    title: str,
    desc: str = "",
    form: Form = signed,
    up_is: str = "bad",
    empty: str = "No reasons are known for this score.",
    width: float = 480,
) -> SafeString:
    """Signed bars from a middle line, in the order given.

    up_is : the tone of a push upwards; the other direction takes the opposite one.
    """
    picture = Picture("reasons", title, desc, width, (len(pushes) or 2) * ROW)
    if not pushes:
        return picture.without_data(empty)
    left = min(room_for(push.label for push in pushes), width * 0.45)
    room = room_for(form(push.effect) for push in pushes)
    size = max(abs(push.effect) for push in pushes) or 1.0
    across = Scale(-size, size, left + room, width - room)
    return picture.of(
        element("line", x1=across(0), x2=across(0), y1=0, y2=picture.height, class_="zero"),
        *(_name(push, i * ROW, left) for i, push in enumerate(pushes)),
        *(_push(push, i * ROW, across, form, push.tone(up_is)) for i, push in enumerate(pushes)),
    )


def waterfall(
    start: Push,
    pushes: Sequence[Push],
    end: Push,
    *,
    title: str,
    desc: str = "",
    form: Form = percent,
    change: Form = signed,
    up_is: str = "bad",
    width: float = 480,
) -> SafeString:
    """From the usual score to this one, a reason at a time; each bar begins where the last ended.

    form : writes the first and the last score; change : writes the step of a reason.
    """
    steps = (start, *pushes, end)
    levels = list(accumulate((push.effect for push in pushes), initial=start.effect))
    spans = [(0.0, start.effect), *pairwise(levels), (0.0, end.effect)]
    words = [form(start.effect), *(change(push.effect) for push in pushes), form(end.effect)]
    tones = ["quiet", *(push.tone(up_is) for push in pushes), "s1"]
    left = min(room_for(push.label for push in steps), width * 0.45)
    ends = [level for span in spans for level in span]
    across = Scale(min(ends), max(ends) or 1.0, left, width - room_for(words))
    return Picture("waterfall", title, desc, width, len(steps) * ROW).of(
        *(_name(push, i * ROW, left) for i, push in enumerate(steps)),
        *(
            _span(push.says(says), says, tone, i * ROW, across=across, span=span)
            for i, (push, says, tone, span) in enumerate(
                zip(steps, words, tones, spans, strict=True)
            )
        ),
    )


def _name(push: Push, y: float, room: float) -> SafeString:
    return mark("text", push.label, cut(push.label, room), x=0, y=y + 19, class_="name")


def _push(push: Push, y: float, across: Scale, form: Form, tone: str) -> SafeString:
    zero, end, words = across(0), across(push.effect), form(push.effect)
    x, anchor = (end + 7, "start") if push.effect >= 0 else (end - 7, "end")
    box = {"x": min(zero, end), "y": y + 7, "width": abs(end - zero), "height": ROW - 14, "rx": 2}
    bar = mark("rect", push.says(words), class_=f"fill {tone}", **box)
    return join([bar, text(words, x, y + 19, anchor=anchor, tone="value")])


def _span(
    says: str, words: str, tone: str, y: float, *, across: Scale, span: tuple[float, float]
) -> SafeString:
    low, high = sorted(map(across, span))
    box = {"x": low, "y": y + 7, "width": max(high - low, 1), "height": ROW - 14, "rx": 2}
    bar = mark("rect", says, class_=f"fill {tone}", **box)
    return join([bar, text(words, high + 7, y + 19, tone="value")])
