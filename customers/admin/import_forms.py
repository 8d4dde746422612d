"""What an operator may choose about a file: each choice is empty until the file leaves it open."""

from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms

from customers.files.columns import FIELDS_OF
from customers.files.dates import ORDERS
from customers.files.encoding import OFFERED
from customers.files.layout import Facts, Layout, words
from customers.files.layouts import GENERIC, NAMED
from customers.files.mapping import LEFT_OUT
from customers.files.reading import Options
from customers.files.rows import DELIMITERS
from customers.models import EventKind, Purpose

TOLD = ("", "As told from the file")
CHOICES = words(
    "layout header encoding delimiter dates decimal currency total kind on timezone source consents"
)
DATES = {
    "D/M/Y": "Day first, 31/12/2026",
    "M/D/Y": "Month first, 12/31/2026",
    "Y-M-D": "Year first, 2026-12-31",
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label="File",
        help_text="CSV or TSV, plain or gzipped: orders, products, customers, ratings or clicks."
        " Nothing is imported before you have seen how it is read.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.gz,.dat,.data"}),
    )


def _choice(label: str, choices: Iterable[tuple[str, Any]], help_text: str = "") -> Any:
    return forms.ChoiceField(
        label=label, choices=[TOLD, *choices], required=False, help_text=help_text
    )


class ReadingForm(forms.Form):
    """Options of a reading; a select a column where columns are told by their names."""

    layout = _choice(
        "Kind of file",
        [
            ("By its columns", [(one.name, one.title) for one in GENERIC]),
            (
                "Shop systems and public data sets",
                [(one.name, one.title) for one in NAMED if one.columns],
            ),
        ],
    )
    header = _choice("First row", [("yes", "Names of columns"), ("no", "Data already")])
    encoding = _choice("Letters", [(one, one) for one in ("utf-8", "utf-16", *OFFERED)])
    delimiter = _choice("Between columns", [(name, name) for name in DELIMITERS.values()])
    dates = _choice("Dates", [(order, DATES[order]) for order in ORDERS])
    decimal = _choice("Decimals", [(".", "Point, 1,234.50"), (",", "Comma, 1.234,50")])
    currency = forms.CharField(
        label="Currency",
        required=False,
        max_length=3,
        widget=forms.TextInput(attrs={"size": 4, "placeholder": "GBP"}),
    )
    total = _choice(
        "Totals",
        [("line", "Each line's own"), ("order", "The whole order's; not read as a line's")],
    )
    kind = forms.CharField(
        label="What happened",
        required=False,
        max_length=32,
        widget=forms.TextInput(attrs={"list": "kinds", "placeholder": "PURCHASE"}),
        help_text=f"{', '.join(EventKind.values)}, or a word of your own.",
    )
    on = forms.DateField(
        label="Day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Of rows that have no date.",
    )
    timezone = _choice("Time zone", [(zone, zone) for zone in sorted(available_timezones())])
    source = forms.SlugField(
        label="Whose ids",
        required=False,
        max_length=30,
        help_text="shop where they are the shop's own; else web, app, till...",
    )
    consents = forms.MultipleChoiceField(
        label="Consent",
        choices=Purpose.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The shop states that the customers of this file agreed to these. Who said yes"
        " or no before keeps their word.",
    )

    def columns(
        self, titles: Sequence[str], *, facts: Facts, taken: dict[int, str]
    ) -> "ReadingForm":
        """Add a select for each column of the file. `taken`: column -> the field it fills now."""
        fields = [(field, field.replace("_", " ")) for field in FIELDS_OF[facts]]
        for at, title in enumerate(titles):
            self.fields[f"column_{at}"] = forms.ChoiceField(
                label=title or f"Column {at + 1}",
                choices=[("", "Not read"), *fields],
                required=False,
                initial=taken.get(at, ""),
            )
        return self

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("column_")]

    def options(self, before: Options, *, taken: dict[int, str]) -> Options:
        """The options of a valid form. Columns that are read as before leave the map alone."""
        data = self.cleaned_data
        said = {name: data[name] for name in CHOICES if name not in {"on", "consents", "source"}}
        return Options(
            **said,
            on=data["on"].isoformat() if data["on"] else "",
            source=data["source"] or "shop",
            consents=tuple(data["consents"]),
            map=self._map(before, taken),
        )

    def _map(self, before: Options, taken: dict[int, str]) -> dict[str, str]:
        chosen = {
            self.cleaned_data[name]: str(int(name.removeprefix("column_")) + 1)
            for name in self.fields
            if name.startswith("column_") and self.cleaned_data[name]
        }
        if not any(name.startswith("column_") for name in self.data):
            return dict(before.map)
        now = {field: str(at + 1) for at, field in taken.items()}
        if chosen == now:
            return dict(before.map)
        return {**dict.fromkeys(now, LEFT_OUT), **chosen}


def initial(options: Options) -> dict[str, Any]:
    stored = options.as_json()
    return {name: stored[name] for name in CHOICES}


def is_told_by_columns(layout: Layout | None) -> bool:
    """Only then may an operator say what each column is."""
    return layout is None or not layout.columns
