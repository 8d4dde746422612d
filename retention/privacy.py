"""What a person may ask for, at a click: all that is held about them, and their erasure."""

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from customers.held import held_about
from customers.models import Customer
from customers.services.export import export_customer
from customers.services.forget import forget_customer

VIEW, ERASE = "customers.view_customer", "customers.delete_customer"
LIST = "admin:customers_customer_changelist"


@require_POST
@permission_required(VIEW, raise_exception=True)
def export_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything held about the person, as a file. Posted, since it is written to the audit log."""
    customer = get_object_or_404(Customer.objects.present(), pk=pk)
    everything = export_customer(customer, by=request.user.get_username(), at=timezone.now())
    answer = JsonResponse(everything, encoder=DjangoJSONEncoder, json_dumps_params={"indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="customer-{pk}.json"'
    return answer


@permission_required(ERASE, raise_exception=True)
def erase_page(request: HttpRequest, pk: int) -> HttpResponse:
    """GET says what goes and what stays; POST does it."""
    customer = get_object_or_404(Customer.objects.present(), pk=pk)
    if request.method == "POST":
        events = forget_customer(customer, by=request.user.get_username(), at=timezone.now())
        # Without a name: the message waits in a cookie.
        messages.success(request, f"Erased. {events:,} of their events are nobody's now.")
        return redirect(LIST)
    held = held_about(customer)
    shown = {
        "title": "Erase a customer",
        "customer": customer,
        "goes": [one for one in held if one.goes],
        "stays": [one for one in held if not one.goes],
        "back": reverse("admin:customer", args=[pk]),
    }
    context = admin.site.each_context(request) | shown
    return TemplateResponse(request, "admin/erase.html", context)
