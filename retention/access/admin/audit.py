from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from retention.access.models import AuditEntry
from retention.present.lists import ReadOnly
from retention.present.templatetags.present import NOTHING, ago, money

MINOR_UNITS = frozenset(
    (
        "amount",
        "approval_limit",
        "budget_amount",
        "maximum_discount",
        "minimum_spend",
        "worst_case",
    )
)
"""What the log keeps as integers of the shop's currency."""
HERE = {"auth.User": "Operator", "auth.Group": "Role"}
"""What these pages call otherwise than Django does."""
SHOWN = 4
"""Changes of an entry told in the list; its page tells all."""


class ThingFilter(admin.SimpleListFilter):
    """By the sort of thing, and only sorts that were ever changed."""

    title = "thing"
    parameter_name = "thing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        labels = AuditEntry.objects.order_by("thing").values_list("thing", flat=True).distinct()
        return [(label, spoken(label)) for label in labels]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(thing=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly[AuditEntry]):
    """Who changed what. Read, never written, here."""

    list_display = ("when", "who", "did", "to_what", "change")
    list_display_links = ("when",)
    list_filter = ("action", ThingFilter)
    search_fields = ("actor__istartswith",)
    search_help_text = "How the name of who did it begins."
    sortable_by = ()
    fields = ("at", "who", "did", "to_what", "whole_change", "seal")
    readonly_fields = ("who", "did", "to_what", "whole_change")

    @admin.display(description="when")
    def when(self, entry: AuditEntry) -> str:
        return ago(entry.at)

    @admin.display(description="who")
    def who(self, entry: AuditEntry) -> str:
        return entry.actor

    @admin.display(description="did")
    def did(self, entry: AuditEntry) -> str:
        return entry.action.rpartition(".")[2].replace("_", " ").capitalize()

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The names of a page's things, in a query for each sort of them."""
        page = super().get_changelist_instance(request)
        _name(request, page.result_list)
        return page

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> AuditEntry | None:
        entry = super().get_object(request, object_id, from_field)
        _name(request, [entry] if entry else [])
        return entry

    @admin.display(description="to what")
    def to_what(self, entry: AuditEntry) -> SafeString | str:
        name, sort = getattr(entry, "named", ""), spoken(entry.thing)
        is_same = name.startswith(sort)
        small = format_html('<small class="id">{}</small>', entry.thing_id)
        named = format_html("{} {}", name if is_same else f"{sort} {name}".strip(), small)
        try:
            page = f"admin:{entry.thing.lower().replace('.', '_')}_change"
            return format_html('<a href="{}">{}</a>', reverse(page, args=[entry.thing_id]), named)
        except NoReverseMatch:
            return named

    @admin.display(description="what changed")
    def change(self, entry: AuditEntry) -> SafeString | str:
        told = list(changes(entry.before, entry.after))
        return format_html("{}{}", _lines(told[:SHOWN]), "…" if len(told) > SHOWN else "")

    @admin.display(description="what changed")
    def whole_change(self, entry: AuditEntry) -> SafeString | str:
        return _lines(list(changes(entry.before, entry.after))) or NOTHING


def _name(request: HttpRequest, entries: Iterable[Any]) -> None:
    """Say of each what it is about is called, where whoever looks may see such things."""
    seen = [entry for entry in entries if request.user.has_perm(_right_to_see(entry.thing))]
    names = names_of(seen)
    for entry in seen:
        entry.named = names.get((entry.thing, entry.thing_id), "")


def _right_to_see(label: str) -> str:
    """Of a model's label: customers.view_customer of customers.Customer."""
    app, _, model = label.lower().partition(".")
    return f"{app}.view_{model}"


def names_of(entries: Iterable[AuditEntry]) -> dict[tuple[str, str], str]:
    """By (thing, id) what each is called, of those that are still there."""
    ids: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        ids[entry.thing].add(entry.thing_id)
    return {
        (thing, str(one.pk)): getattr(one, "called", None) or str(one)
        for thing, wanted in ids.items()
        for one in _found(thing, wanted)
    }


def _found(thing: str, ids: set[str]) -> Iterable[Model]:
    try:
        rows: Any = apps.get_model(thing)._default_manager.filter(pk__in=filter(str.isdecimal, ids))
    except LookupError:
        return ()
    found: Iterable[Model] = rows.named() if hasattr(rows, "named") else rows
    return found


def spoken(label: str) -> str:
    """A model's label, "campaigns.Campaign", as people say it."""
    if label in HERE:
        return HERE[label]
    try:
        return str(apps.get_model(label)._meta.verbose_name).capitalize()
    except LookupError:
        return label


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(name, words) of all that differs; what was not there before is told without an arrow."""
    for name in dict.fromkeys([*after, *before]):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        words = " → ".join(_words(each, name) for each in (old, new) if each not in (None, ""))
        words = words if new is not None else f"{words} → {NOTHING}"
        yield name.replace("_", " ").capitalize(), words


def _words(value: Any, name: str = "") -> str:
    if isinstance(value, dict):
        told = [(key, each) for key, each in value.items() if each not in (None, "", [], 0)]
        return ", ".join(f"{key.replace('_', ' ')} {_words(each, key)}" for key, each in told)
    if isinstance(value, list):
        return "; ".join(map(_words, value)) or NOTHING
    if name in MINOR_UNITS and isinstance(value, int):
        return money(value, settings.SHOP_CURRENCY)
    if isinstance(value, str) and value.isupper() and len(value) > len("GBP"):
        return value.replace("_", " ").capitalize()
    return str(value)


def _lines(told: list[tuple[str, str]]) -> SafeString:
    return format_html_join("", "{}: {}<br>", told)
