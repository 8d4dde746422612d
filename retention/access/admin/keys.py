from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from retention.access.audit import record
from retention.access.models import ApiKey, Scope
from retention.access.services.keys import make_key
from retention.present.templatetags.present import NOTHING, ago


class NewKeyForm(forms.ModelForm[ApiKey]):
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Give a key only what its program needs.",
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "expires_at")
        help_texts = {
            "name": "Which program uses it: The shop's checkout.",
            "expires_at": "Empty: until it is revoked.",
        }


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin[ApiKey]):
    """Keys are made and revoked, never changed; a secret is shown once."""

    list_display = ("name", "starts_with", "may", "is_live", "last_used", "made_by")
    ordering = ("-pk",)
    actions = ("revoke",)
    form = NewKeyForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A key may do what its maker may not: whoever makes one must be allowed everything."""
        return request.user.is_superuser

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
        obj.pk, obj.prefix = made.pk, made.prefix
        self._record(request, "key.make", made, after={"name": made.name, "scopes": made.scopes})
        said = format_html("Copy this key now; it is never shown again: <code>{}</code>", secret)
        messages.warning(request, said)

    @admin.display(description="starts with")
    def starts_with(self, key: ApiKey) -> str:
        return f"rk_{key.prefix}_…"

    @admin.display(description="may")
    def may(self, key: ApiKey) -> SafeString:
        labels = dict(Scope.choices)
        return format_html_join("", "{}<br>", ((labels.get(scope, scope),) for scope in key.scopes))

    @admin.display(description="last used", ordering="last_used_at")
    def last_used(self, key: ApiKey) -> str:
        return ago(key.last_used_at)

    @admin.display(description="made by")
    def made_by(self, key: ApiKey) -> str:
        return key.created_by or NOTHING

    @admin.display(description="ends")
    def ends(self, key: ApiKey) -> str:
        if key.revoked_at:
            return format_html("revoked {}", ago(key.revoked_at))
        return ago(key.expires_at) if key.expires_at else "when it is revoked"

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        if obj is None:
            return self.form.Meta.fields
        return ("name", "starts_with", "may", "is_live", "ends", "last_used", "made_by")

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return () if obj is None else self.get_fields(request, obj)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        # The key is shown after saving, on the list, and never again.
        shown = {"show_save_and_continue": False, "show_save_and_add_another": False}
        return super().render_change_form(request, context | shown, *args, **kwargs)

    @admin.display(description="live", boolean=True)
    def is_live(self, key: ApiKey) -> bool:
        return key.is_live(timezone.now())

    @admin.action(
        description="Revoke the chosen keys, at once and for good", permissions=["change"]
    )
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        live = list(keys.filter(revoked_at=None))
        for key in live:
            key.revoked_at = timezone.now()
            key.save(update_fields=["revoked_at"])
            self._record(request, "key.revoke", key, after={"name": key.name})
        messages.success(request, f"{len(live)} keys revoked. Programs using them get 401 now.")

    def _record(
        self, request: HttpRequest, did: str, key: ApiKey, *, after: dict[str, Any]
    ) -> None:
        who = request.user.get_username()
        record(did, thing=key, actor=who, at=timezone.now(), before={}, after=after)
