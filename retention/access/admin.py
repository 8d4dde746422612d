from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from retention.present.lists import ReadOnly

from .models import ApiKey, AuditEntry, Scope
from .services.keys import make_key


class NewKeyForm(forms.ModelForm[ApiKey]):
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Give a key only what its program needs.",
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "expires_at")


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin[ApiKey]):
    """Keys are made and revoked, never changed; a secret is shown once."""

    list_display = ("name", "starts_with", "may", "is_live", "last_used_at", "created_by")
    ordering = ("-pk",)
    actions = ("revoke",)
    form = NewKeyForm

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        made, secret = make_key(
            obj.name,
            scopes=form.cleaned_data["scopes"],
            at=timezone.now(),
            created_by=request.user.get_username(),
            expires_at=obj.expires_at,
        )
        obj.pk = made.pk
        said = format_html("Copy this key now; it is never shown again: <code>{}</code>", secret)
        messages.warning(request, said)

    @admin.display(description="starts with")
    def starts_with(self, key: ApiKey) -> str:
        return f"rk_{key.prefix}_…"

    @admin.display(description="may")
    def may(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.display(description="live", boolean=True)
    def is_live(self, key: ApiKey) -> bool:
        return key.is_live(timezone.now())

    @admin.action(description="Revoke the chosen keys, at once and for good")
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        revoked = keys.filter(revoked_at=None).update(revoked_at=timezone.now())
        messages.success(request, f"{revoked} keys revoked. Programs using them get 401 now.")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly[AuditEntry]):
    """Who changed what. Read, never written, here."""

    list_display = ("at", "actor", "action", "thing", "thing_id", "change")
    list_filter = ("action",)

    @admin.display(description="from → to")
    def change(self, entry: AuditEntry) -> str:
        names = sorted(set(entry.before) | set(entry.after))
        pairs = [(name, entry.before.get(name), entry.after.get(name)) for name in names]
        return "; ".join(f"{name}: {old} → {new}" for name, old, new in pairs if old != new)
