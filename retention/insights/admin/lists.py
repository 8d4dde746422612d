"""One customer's list by two versions of the model, side by side: before and after."""

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone

from customers.models import Customer
from customers.selectors import customer_known_as
from retention.insights.artifacts import BrokenArtifact
from retention.insights.merchandising import Recommended
from retention.insights.models import Kind, ModelVersion
from retention.insights.recommendations import Wanted, recommendations_by
from retention.insights.tastes import version_as_if_serving

SHOWN = 10
MAY_SEE = ("insights.view_modelversion", "customers.view_customer")


@dataclass(frozen=True)
class Column:
    """What one version shows; broken : why it cannot be asked.

    personalised : False where it has only what is popular for them.
    """

    version: ModelVersion
    items: list[Recommended]
    broken: str = ""
    personalised: bool = True


def lists_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of the customer whose id is asked for, by this version and by the one it is held
    against: the serving one, or for the serving one the one that served before."""
    if not request.user.has_perms(MAY_SEE):
        raise PermissionDenied
    version = get_object_or_404(ModelVersion, pk=pk, kind=Kind.FACTORIZATION)
    asked = request.GET.get("customer", "").strip()
    customer = customer_known_as(asked) if asked else None
    other = _other(version)
    columns = [
        _column(each, customer) for each in (other, version) if each and customer is not None
    ]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "A customer's list",
        "version": version,
        "asked": asked,
        "customer": customer,
        "columns": columns,
        "rows": list(zip_longest(*(column.items for column in columns))),
    }
    return TemplateResponse(request, "admin/model_lists.html", context)


def _other(version: ModelVersion) -> ModelVersion | None:
    same = ModelVersion.objects.filter(kind=version.kind).exclude(pk=version.pk)
    champion = same.filter(state="CHAMPION").first()
    return champion or same.filter(state="ARCHIVED").order_by("-promoted_at").first()


def _column(version: ModelVersion, customer: Customer) -> Column:
    try:
        model = version_as_if_serving(version)
    except BrokenArtifact as broken:
        return Column(version, [], str(broken))
    shown = recommendations_by(model, customer, Wanted(SHOWN), at=timezone.now())
    return Column(version, shown.items, personalised=shown.personalised)
