from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from customers.identifiers import fingerprint
from customers.models import SHOP, Consent, Erasure
from retention.access.audit import record
from retention.present.lists import AboutCustomers, ReadOnly
from retention.present.templatetags.present import person


@admin.register(Consent)
class ConsentAdmin(AboutCustomers[Consent]):
    """What customers agreed to and objected to, every word of it."""

    list_display = ("who", "purpose", "granted", "is_current", "source", "recorded_at")
    list_display_links = ("purpose",)
    list_filter = ("purpose", "granted", "is_current")
    list_select_related = ("customer__contact",)
    search_fields = ("customer__external_id__startswith",)
    search_help_text = "The beginning of a customer's id."

    @admin.display(description="customer", ordering="customer__external_id")
    def who(self, consent: Consent) -> SafeString:
        return person(consent.customer)


@admin.register(Erasure)
class ErasureAdmin(ReadOnly[Erasure]):
    """Ids of erased customers, unreadable. Deleting one lets its person be known again."""

    list_display = ("erased_at", "fingerprint")
    wording: ClassVar = {
        "empty_title": "Nobody was erased.",
        "empty_text": "A customer's page has the button; it says first what goes and what stays.",
    }
    search_fields = ("fingerprint",)
    search_help_text = "A customer's id, whole; with its source before it unless that is the shop."
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def delete_model(self, request: HttpRequest, obj: Erasure) -> None:
        record(
            "lift_erasure",
            thing=obj,
            actor=request.user.get_username(),
            at=timezone.now(),
            before={"erased_at": obj.erased_at},
            after={},
        )
        super().delete_model(request, obj)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        source, colon, rest = term.partition(":")
        prints = [fingerprint(SHOP, term)]
        if colon:
            prints.append(fingerprint(source, rest))
        return queryset.filter(fingerprint__in=prints), False
