"""Numbers become coordinates, words are escaped, and no data is never drawn as a zero."""

from xml.etree import ElementTree

import pytest

from retention.present import charts
from retention.present.charts.frame import Scale, round_ticks
from retention.present.charts.grids import shade
from retention.present.templatetags.present import NOTHING, percent

HOSTILE = '"><script>alert(1)</script>&'
PUSH = charts.Push(HOSTILE, 0.3, HOSTILE)
SERIES = charts.Series(HOSTILE, [1, None, 3], "s1", [0, None, 2], [2, None, 4])

DRAWN = {
    "line": charts.line(["a", HOSTILE, "c"], [SERIES, SERIES], title=HOSTILE, area=True),
    "sparkline": charts.sparkline([1, None, 2], title=HOSTILE),
    "columns": charts.columns([charts.Bar(HOSTILE, 2, HOSTILE, HOSTILE)], title=HOSTILE),
    "rows": charts.rows([charts.Bar(HOSTILE, 2, HOSTILE, HOSTILE)], title=HOSTILE),
    "stacked": charts.stacked(["a", "b", HOSTILE], [SERIES], title=HOSTILE, desc=HOSTILE),
    "histogram": charts.histogram(
        [0, 1, 2], [3, 4], title=HOSTILE, band=(1, 2), band_label=HOSTILE
    ),
    "heat_map": charts.heat_map(
        [HOSTILE], ["a"], [[charts.Cell(1, HOSTILE, HOSTILE, HOSTILE)]], title=HOSTILE
    ),
    "tree": charts.tree(
        charts.TreeNode(HOSTILE, HOSTILE, 0.5, HOSTILE, [charts.TreeNode(HOSTILE, HOSTILE)]),
        title=HOSTILE,
        desc=HOSTILE,
    ),
    "reliability": charts.reliability(
        [charts.Bin(0.2, 0.25, 0.1, 0.4, 30)], title=HOSTILE, desc=HOSTILE
    ),
    "intervals": charts.intervals([charts.Effect(HOSTILE, 1, -1, 3, HOSTILE)], title=HOSTILE),
    "reasons": charts.reasons([PUSH], title=HOSTILE),
    "waterfall": charts.waterfall(PUSH, [PUSH], PUSH, title=HOSTILE),
}
EMPTY = {
    "line": charts.line([], [], title="Chart", empty="No orders yet."),
    "unknown": charts.line(
        ["a"], [charts.Series("x", [float("nan")])], title="Chart", empty="No orders yet."
    ),
    "columns": charts.columns([], title="Chart", empty="No orders yet."),
    "rows": charts.rows([], title="Chart", empty="No orders yet."),
    "stacked": charts.stacked([], [], title="Chart", empty="No orders yet."),
    "histogram": charts.histogram([0, 1], [0], title="Chart", empty="No orders yet."),
    "heat_map": charts.heat_map([], [], [], title="Chart", empty="No orders yet."),
    "reliability": charts.reliability([], title="Chart", empty="No orders yet."),
    "intervals": charts.intervals([], title="Chart", empty="No orders yet."),
    "reasons": charts.reasons([], title="Chart", empty="No orders yet."),
}


def elements(svg: str, name: str = "*", look: str = "") -> list[ElementTree.Element]:
    """The drawing's elements of a name, of a class; fails where it is not well-formed."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own drawing, not a stranger's
    found = root.iter(name if name == "*" else f"{{http://www.w3.org/2000/svg}}{name}")
    return [one for one in found if look in one.get("class", "").split() or not look]


def number(element: ElementTree.Element, attribute: str) -> float:
    return float(element.attrib[attribute])


def says(element: ElementTree.Element) -> str:
    return element.findtext("{http://www.w3.org/2000/svg}title", "")


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_is_well_formed_whatever_its_words(name: str) -> None:
    assert not elements(DRAWN[name], "script")
    assert "alert(1)" in "".join(
        [*elements(DRAWN[name])[0].itertext(), *elements(DRAWN[name])[0].attrib.values()]
    )


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_leaves_its_look_to_the_style_sheets(name: str) -> None:
    attributes = {key for one in elements(DRAWN[name]) for key in one.attrib}

    assert not {key for key in attributes if key in {"style", "fill"} or key.startswith("on")}


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_scales_and_is_named(name: str) -> None:
    root = elements(DRAWN[name])[0]

    assert root.attrib["aria-label"] == HOSTILE
    assert root.attrib["viewBox"].startswith("0 0 ")
    assert root.attrib["role"] == ("group" if elements(DRAWN[name], "a") else "img")


@pytest.mark.parametrize("name", EMPTY)
def test_a_chart_without_data_says_so_and_draws_nothing(name: str) -> None:
    drawn = {one.tag.rpartition("}")[2] for one in elements(EMPTY[name])}

    assert drawn == {"svg", "text"}
    assert elements(EMPTY[name], "text")[0].text == "No orders yet."
    assert elements(EMPTY[name])[0].attrib["aria-label"] == "Chart: No orders yet."


def test_a_scale_runs_from_its_start_to_its_end() -> None:
    up = Scale(0, 10, 200, 100)

    assert (up(0), up(5), up(10)) == (200, 150, 100)


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([3, 97], [0, 25, 50, 75, 100]),
        ([0.12, 0.31], [0, 0.1, 0.2, 0.3, 0.4]),
        ([-0.4, 0.7], [-0.5, 0, 0.5, 1]),
        ([0, 0], [0, 0.25, 0.5, 0.75, 1]),
        ([7], [0, 2, 4, 6, 8]),
    ],
)
def test_ticks_are_round_and_enclose_the_values(values: list[float], ticks: list[float]) -> None:
    assert round_ticks(values) == ticks


def test_ticks_need_not_begin_at_zero() -> None:
    assert round_ticks([101, 104], from_zero=False) == [101, 102, 103, 104]


def test_a_line_breaks_where_a_value_is_unknown() -> None:
    svg = charts.line(
        ["a", "b", "c", "d"], [charts.Series("x", [1, 2, None, float("inf")])], title="x"
    )

    (path,) = elements(svg, "path", "line")

    assert path.attrib["d"].count("M") == 1
    assert path.attrib["d"].count("L") == 1


def test_a_lonely_point_is_still_drawn() -> None:
    svg = charts.line(["a", "b", "c"], [charts.Series("x", [None, 2, None])], title="x")

    assert elements(svg, "circle", "fill")[0].attrib["r"] == "4"


def test_whoever_points_at_a_line_reads_every_series_there() -> None:
    series = [charts.Series("active", [5, 9]), charts.Series("at risk", [3, None])]

    spots = elements(charts.line(["Mon", "Tue"], series, title="x"), "g", "spot")

    assert [says(spot) for spot in spots] == ["Mon\nactive 5\nat risk 3", "Tue\nactive 9"]


def test_labels_that_are_numbers_lie_as_far_apart_as_they_are_and_clear_of_each_other() -> None:
    values, labels = [250, 500, 510, 1000], ["£2.50", "£5.00", "£5.10", "£10.00"]

    svg = charts.line(labels, [charts.Series("x", values)], title="x", across=values)

    points = elements(svg, "path", "line")[0].attrib["d"][1:].split("L")
    x = [float(point.split()[0]) for point in points]
    assert (x[1] - x[0]) / (x[3] - x[0]) == pytest.approx(250 / 750, abs=0.001)
    assert (x[2] - x[1]) / (x[3] - x[0]) == pytest.approx(10 / 750, abs=0.001)
    said = [one.text for one in elements(svg, "text", "tick")]
    assert [one for one in labels if one in said] == ["£2.50", "£5.00", "£10.00"]


def test_columns_are_as_tall_as_their_values() -> None:
    svg = charts.columns([charts.Bar("a", 4), charts.Bar("b", 2), charts.Bar("c", -1)], title="x")

    four, two, minus_one = elements(svg, "rect", "fill")

    assert number(four, "height") == pytest.approx(2 * number(two, "height"))
    assert number(two, "height") == pytest.approx(2 * number(minus_one, "height"), abs=0.02)
    assert number(minus_one, "y") == pytest.approx(number(two, "y") + number(two, "height"))


def test_rows_lead_to_what_stands_behind_them() -> None:
    svg = charts.rows([charts.Bar("Loyal", 1200, "9 %", "/segments/1/")], title="x")

    (link,) = elements(svg, "a")

    assert link.attrib["href"] == "/segments/1/"
    assert link.attrib["aria-label"] == "Loyal: 1.2k (9 %)"


def test_an_unknown_amount_is_a_dash_beside_its_name() -> None:
    bars = [charts.Bar("known", 2), charts.Bar("unknown", float("nan")), charts.Bar("none", None)]

    words = [one.text for one in elements(charts.rows(bars, title="x"), "text", "value")]

    assert words == ["2", NOTHING, NOTHING]


def test_layers_pile_up_and_losses_hang_below_zero() -> None:
    series = [
        charts.Series("new", [2], "s1"),
        charts.Series("won back", [1], "s3"),
        charts.Series("gone quiet", [-1], "s2"),
    ]
    svg = charts.stacked(["Jan"], series, title="x")

    new, back, quiet = (elements(svg, "rect", tone)[-1] for tone in ("s1", "s3", "s2"))

    assert number(back, "y") + number(back, "height") == pytest.approx(number(new, "y"), abs=0.02)
    assert number(quiet, "y") == pytest.approx(number(new, "y") + number(new, "height"), abs=0.02)


def test_a_histogram_highlights_what_lies_inside_the_band() -> None:
    svg = charts.histogram([0, 1, 2, 3], [5, 6, 7], title="x", band=(1, 2))

    low, inside, high = elements(svg, "rect", "fill")

    assert [one.attrib["class"] for one in (low, inside, high)] == [
        "fill quiet",
        "fill s1",
        "fill quiet",
    ]
    assert says(inside) == "1 to 2: 6"


def test_heat_runs_from_the_palest_to_the_deepest_shade() -> None:
    assert [shade(v, 0, 1) for v in (-1, 0, 0.55, 1, 7)] == [0, 0, 5, 9, 9]
    assert shade(3, 3, 3) == 5


def test_a_cell_that_has_not_happened_yet_is_left_blank() -> None:
    cells = [[charts.Cell(1, "50%"), None], [charts.Cell(float("nan"), "?"), None]]

    svg = charts.heat_map(["May", "Jun"], ["+0", "+1"], cells, title="x")

    assert [says(cell) for cell in elements(svg, "rect")] == ["May, +0: 50%"]


def test_a_well_calibrated_bin_stands_on_the_diagonal() -> None:
    bins = [charts.Bin(0.5, 0.5, 0.4, 0.6, 100), charts.Bin(1, 1, 0.9, 1, 25)]

    half, one = elements(charts.reliability(bins, title="x"), "circle")
    (ideal,) = elements(charts.reliability(bins, title="x"), "path", "ideal")
    left, bottom, right, top = map(
        float, ideal.attrib["d"].translate(str.maketrans("ML", "  ")).split()
    )

    assert (number(half, "cx"), number(half, "cy")) == ((left + right) / 2, (bottom + top) / 2)
    assert (number(one, "cx"), number(one, "cy")) == (right, top)


def test_a_bin_of_more_customers_has_a_larger_dot() -> None:
    bins = [charts.Bin(0.5, 0.5, 0.4, 0.6, 100), charts.Bin(1, 1, 0.9, 1, 25)]

    many, few = elements(charts.reliability(bins, title="x"), "circle")

    assert number(many, "r") > number(few, "r")


@pytest.mark.parametrize(
    ("low", "high", "tone"), [(0.1, 0.5, "good"), (-0.5, -0.1, "bad"), (-0.1, 0.5, "quiet")]
)
def test_an_effect_is_coloured_only_where_its_interval_excludes_zero(
    low: float, high: float, tone: str
) -> None:
    effect = charts.Effect("kept", (low + high) / 2, low, high)

    (dot,) = elements(charts.intervals([effect], title="x"), "circle")

    assert dot.attrib["class"] == f"fill {tone}"


def test_an_effect_that_should_fall_is_good_when_it_falls() -> None:
    effect = charts.Effect("refunds", -0.3, -0.5, -0.1)

    svg = charts.intervals([effect], title="x", higher_is_better=False)

    assert elements(svg, "circle")[0].attrib["class"] == "fill good"


def test_an_effect_without_an_interval_is_named_but_not_drawn() -> None:
    effects = [charts.Effect("kept", 1, 0.5, 2), charts.Effect("spent", 1, float("-inf"), 9)]

    svg = charts.intervals(effects, title="x")

    assert len(elements(svg, "circle")) == 1
    assert elements(svg, "text", "value")[1].text == "not measured yet"


def test_reasons_push_from_the_middle_by_their_effect() -> None:
    svg = charts.reasons([charts.Push("up", 0.4), charts.Push("down", -0.2)], title="x")

    up, down = elements(svg, "rect")

    assert number(up, "width") == pytest.approx(2 * number(down, "width"), abs=0.02)
    assert number(up, "x") == pytest.approx(number(down, "x") + number(down, "width"), abs=0.02)
    assert (up.attrib["class"], down.attrib["class"]) == ("fill bad", "fill good")


def test_a_waterfall_ends_where_its_reasons_lead() -> None:
    pushes = [charts.Push("silence", 0.4), charts.Push("loyalty", -0.1)]

    svg = charts.waterfall(
        charts.Push("usual", 0.3), pushes, charts.Push("Ada", 0.6), title="x", form=percent
    )
    _, _, last_step, ada = elements(svg, "rect")

    assert number(ada, "x") + number(ada, "width") == pytest.approx(number(last_step, "x"))
    assert says(ada) == "Ada: 60.0%"


def test_long_names_are_cut_but_said_in_full() -> None:
    name = "Customers who bought once, a long time ago, and never came back"

    (words,) = elements(charts.rows([charts.Bar(name, 2)], title="x"), "text", "name")

    assert "".join(words.itertext()).endswith("…")
    assert says(words) == name


def test_the_ends_of_an_axis_never_touch_its_zero() -> None:
    effect = charts.Effect("A name that takes the room of the plot", 1.0, -0.5, 15.0)
    svg = charts.intervals([effect], title="x", form="{:.2f} pounds".format, width=760)

    ticks = [text for text in elements(svg, "text") if text.get("class") == "tick"]

    assert [tick.text for tick in ticks] == ["0.00 pounds", "15.00 pounds"]


def test_a_tree_places_a_node_beside_the_middle_of_what_is_under_it() -> None:
    a, b, c, d = (charts.TreeNode(word, "", None if word == "b" else 0.5) for word in "abcd")
    root = charts.TreeNode("all", "", 1, "", [a, b, charts.TreeNode("two", "", 1, "", [c, d])])

    drawn = charts.tree(root, title="t")

    boxes = elements(drawn, "rect", "node")
    tops = {box[0].text: number(box, "y") for box in boxes}
    assert len(boxes) == 6
    assert tops["all: "] == (tops["a: "] + tops["two: "]) / 2
    assert len({number(box, "x") for box in boxes}) == 3
    assert len(elements(drawn, "rect", "ghost")) == 5
