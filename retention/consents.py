"""What a customer said to a person, on the phone or at the till: kept by whoever heard it."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, Purpose
from customers.services.consent import record_consents
from retention.access.audit import record

RECORD = ("customers.view_customer", "customers.add_consent")
WORDS = {True: "agreed", False: "refused", None: "said nothing"}


class ConsentsForm(forms.Form):
    """A word for each purpose, or none, and how it came."""

    def __init__(self, *args: object, now: dict[str, bool], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # a form's own
        for purpose in Purpose:
            said = WORDS[now.get(purpose)]
            self.fields[purpose] = forms.ChoiceField(
                choices=[("", f"As it is: {said}"), ("yes", "Agrees"), ("no", "Objects")],
                required=False,
                label=purpose.label,
            )
        self.fields["how"] = forms.CharField(
            max_length=40, label="How they said so", help_text="As in: by phone."
        )

    def said(self) -> dict[str, bool]:
        given = self.cleaned_data
        return {purpose: given[purpose] == "yes" for purpose in Purpose if given[purpose]}


@permission_required(RECORD, raise_exception=True)
def consents_page(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows the last word on each purpose; POST keeps another beside it."""
    customer = get_object_or_404(Customer.objects.present(), pk=pk)
    rows = customer.consents.filter(is_current=True)
    now = dict(rows.values_list("purpose", "granted"))
    form = ConsentsForm(request.POST or None, now=now)
    back = reverse("admin:customer", args=[pk])
    if form.is_valid():
        _keep(request, customer, now, form)
        return redirect(back)
    shown = {"title": "What they agree to", "customer": customer, "form": form, "back": back}
    context = admin.site.each_context(request) | shown
    return TemplateResponse(request, "admin/consents.html", context)


def _keep(
    request: HttpRequest, customer: Customer, now: dict[str, bool], form: ConsentsForm
) -> None:
    said, at = form.said(), timezone.now()
    with transaction.atomic():
        new = record_consents(
            {(customer.pk, purpose): granted for purpose, granted in said.items()},
            source=f"operator: {form.cleaned_data['how']}",
            at=at,
        )
        changed = sorted(purpose for _, purpose in new)
        if changed:
            record(
                "consent",
                thing=customer,
                actor=request.user.get_username(),
                at=at,
                before={purpose: now.get(purpose) for purpose in changed},
                after={purpose: said[purpose] for purpose in changed},
            )
    if changed:
        messages.success(request, "Kept. It counts from this moment on.")
    else:
        messages.info(request, "Nothing new was said.")
