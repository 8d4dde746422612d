"""Which column holds which fact: by a named layout, the header's words, or the operator's."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from . import layouts
from .layout import Facts, Layout
from .layouts import generic
from .mapping import (
    CUSTOMER_FIELDS,
    EVENT_FIELDS,
    LEFT_OUT,
    PRODUCT_FIELDS,
    UnknownColumns,
    given_columns,
    guess,
    plain,
)
from .opening import UnreadableFile
from .questions import Question, Unclear
from .reading import Options
from .rows import Shape

FIELDS_OF = {
    Facts.EVENTS: EVENT_FIELDS,
    Facts.PRODUCTS: PRODUCT_FIELDS,
    Facts.CUSTOMERS: CUSTOMER_FIELDS,
}
KNOWN_ABOUT_CUSTOMERS = frozenset(CUSTOMER_FIELDS) - {"customer"}
SALE = frozenset(("quantity", "unit_price", "amount", "order_id"))
NEEDED = {
    Facts.EVENTS: "a customer or an order, and what was bought, seen or rated",
    Facts.PRODUCTS: "a product id",
    Facts.CUSTOMERS: "a customer id",
}


class NoFacts(UnreadableFile):
    """The file is understood, and nothing in it is a fact of a shop."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A layout and the columns of its fields."""

    layout: Layout
    columns: dict[str, int]
    extra: dict[str, int]
    because: str


def choose_columns(
    name: str, *, shape: Shape, options: Options, rows: Sequence[Sequence[str]]
) -> Chosen:
    """`rows` are the first ones. Raises NoFacts, UnreadableFile, UnknownColumns or Unclear."""
    given = given_columns(options.map, header=shape.header, width=shape.width, name=name)
    left_out = frozenset(field for field, at in options.map.items() if at == LEFT_OUT)
    layout = layouts.named(options.layout) if options.layout else layouts.recognised(shape.header)
    if layout is not None and layout.facts is Facts.NONE:
        raise NoFacts(f"{name}: nothing of this file is a shop fact: {layout.why_not}")
    if layout is not None and layout.columns:
        chosen = _as_named(name, layout, shape, given, said=bool(options.layout))
    else:
        chosen = _by_words(name, layout, shape, given, rows=rows, left_out=left_out)
    _ask_about_twins(name, chosen, shape, given, rows)
    return chosen


def _as_named(
    name: str, layout: Layout, shape: Shape, given: dict[str, int], *, said: bool
) -> Chosen:
    places = {title: at for at, title in reversed(list(enumerate(shape.header)))}
    missing = [
        title
        for field, title in layout.columns.items()
        if title not in places and field not in given
    ]
    if missing:
        raise UnknownColumns(
            f"{name} is no {layout.title}: it has no column {', '.join(map(repr, missing))}."
            " Leave out --layout, or say where they are with --map."
        )
    columns = {field: places[title] for field, title in layout.columns.items() if title in places}
    extra = {key: places[title] for key, title in layout.extra.items() if title in places}
    because = "you said so" if said else "its columns are this set's"
    return Chosen(layout, columns | given, extra, because)


def _by_words(
    name: str,
    layout: Layout | None,
    shape: Shape,
    given: dict[str, int],
    *,
    rows: Sequence[Sequence[str]],
    left_out: Set[str],
) -> Chosen:
    if not shape.header and not given:
        given = _bare_ratings(rows, shape.width)
    layout = layout or _what_it_holds(shape, given, left_out)
    fields = FIELDS_OF[layout.facts] if layout else EVENT_FIELDS
    columns = _told(shape, given, fields, left_out)
    if layout is None or not _enough(layout, columns):
        raise Unclear(name, (_mapping_question(layout, columns, shape),))
    return Chosen(layout, columns, {}, "its column names")


def _told(
    shape: Shape, given: dict[str, int], fields: Sequence[str], left_out: Set[str]
) -> dict[str, int]:
    """Guessed from the header, unless the operator gave the field or took the column."""
    guessed = guess(shape.header, fields=[field for field in fields if field not in left_out])
    free = {field: at for field, at in guessed.items() if at not in given.values()}
    return free | given


def _bare_ratings(rows: Sequence[Sequence[str]], width: int) -> dict[str, int]:
    """The textbook's file without a header: user, item, stars, perhaps a moment."""
    stars = [row[2].strip() for row in rows if len(row) >= 3]
    small = all(star.replace(".", "", 1).isdigit() and float(star) <= 10 for star in stars)
    if width not in {3, 4} or not stars or not small:
        return {}
    fields = ("customer", "product", "rating", "occurred_at")
    return dict(zip(fields[:width], range(width), strict=True))


def _what_it_holds(shape: Shape, given: dict[str, int], left_out: Set[str]) -> Layout | None:
    has = frozenset(_told(shape, given, EVENT_FIELDS, left_out))
    rated = {"customer", "rating"} <= has
    if rated and not has & (SALE | {"kind"}):
        return generic.RATINGS
    if has & {"order_id", "kind"} and has & {"customer", "product", "amount"}:
        return generic.EVENTS
    if "customer" in has and has & {"product", "amount", "unit_price"}:
        return generic.EVENTS
    if "product" in has:
        return generic.PRODUCTS
    people = frozenset(_told(shape, given, CUSTOMER_FIELDS, left_out))
    return generic.CUSTOMERS if "customer" in people and people & KNOWN_ABOUT_CUSTOMERS else None


def _enough(layout: Layout, columns: dict[str, int]) -> bool:
    has = frozenset(columns)
    if layout.facts is Facts.PRODUCTS:
        return "product" in has
    if layout.facts is Facts.CUSTOMERS:
        return "customer" in has
    if layout is generic.RATINGS:
        return {"customer", "product", "rating"} <= has
    return bool(has & {"customer", "order_id"})


def _mapping_question(layout: Layout | None, columns: dict[str, int], shape: Shape) -> Question:
    facts = layout.facts if layout else Facts.EVENTS
    titles = shape.header or tuple(f"#{n + 1}" for n in range(shape.width))
    told = ", ".join(f"{field}={titles[at]}" for field, at in columns.items()) or "nothing"
    return Question(
        "map",
        f"Which column is what? Needed: {NEEDED[facts]}. Told so far: {told}.",
        examples=titles[:12],
        typed="Say it as field=column, with commas between.",
    )


def _ask_about_twins(
    name: str,
    chosen: Chosen,
    shape: Shape,
    given: dict[str, int],
    rows: Sequence[Sequence[str]],
) -> None:
    """Two columns of one name with different cells: only the operator knows which is meant."""
    names = [plain(title) for title in shape.header]
    for field, at in chosen.columns.items():
        twins = [n for n, title in enumerate(names) if title == names[at] and n != at]
        differ = any(row[at] != row[n] for n in twins for row in rows if len(row) > max(at, n))
        if differ and field not in given:
            places = tuple(f"{field}={n + 1}" for n in (at, *twins))
            asks = f"Two columns are called {shape.header[at]!r}; which one is meant?"
            raise Unclear(name, (Question("map", asks, places),))
