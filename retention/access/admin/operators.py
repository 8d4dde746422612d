"""Who signs in here, and what they may do."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import QuerySet
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from retention.access.audit import record
from retention.present.lists import M
from retention.present.templatetags.present import ago

NOBODYS = ("admin", "contenttypes", "sessions")
"""Apps whose rows no operator handles."""
MACHINERY = (
    "heartbeat",
    "idempotentanswer",
    "launchchunk",
    "mergedevent",
    "permission",
    "productpair",
)
"""Tables that only the product itself writes and reads."""

admin.site.unregister([User, Group])


def _rights(user: User | None) -> dict[str, Any]:
    """What somebody may do, as the log keeps it; {} for who is not there yet."""
    if user is None:
        return {}
    return {
        "active": user.is_active,
        "everything": user.is_superuser,
        "roles": sorted(user.groups.values_list("name", flat=True)),
        "rights": sorted(user.user_permissions.values_list("codename", flat=True)),
    }


def meaningful() -> QuerySet[Permission]:
    """Permissions that a page or an action of ours asks for."""
    return (
        Permission.objects.exclude(content_type__app_label__in=NOBODYS)
        .exclude(content_type__model__in=MACHINERY)
        .select_related("content_type")
        .order_by("content_type__app_label", "content_type__model", "codename")
    )


class PermissionNames(ModelMultipleChoiceField[Permission]):
    def label_from_instance(self, obj: Any) -> str:
        name = str(obj.name).removeprefix("Can ")
        return name[:1].upper() + name[1:]


class Rights(admin.ModelAdmin[M]):
    """Offers the rights that mean something, in words."""

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        if db_field.remote_field.model is Permission:
            kwargs |= {"queryset": meaningful(), "form_class": PermissionNames}
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(Group)
class RoleAdmin(Rights[Group], GroupAdmin):
    """A set of rights under a name, given to any number of operators, by whoever may do all."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        words = {
            "add_label": "New role",
            "empty_title": "No role yet.",
            "empty_text": "Who may do everything needs none; everyone else gets rights by them.",
        }
        return super().changelist_view(request, words | (extra_context or {}))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser


@admin.register(User)
class OperatorAdmin(Rights[User], UserAdmin[User]):
    """People who sign in. A machine has an API key instead.

    Rights are given by whoever may do everything: nobody gives themselves more, or takes over the
    account of someone who may do more.
    """

    list_display = ("username", "full_name", "email", "rights", "last_seen", "is_active")
    list_filter = ("is_active", "groups")
    fieldsets = (
        (None, {"fields": ("username", "password", "first_name", "last_name", "email")}),
        (
            "What they may do",
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        said = {"add_label": "Add an operator"}
        return super().changelist_view(request, said | (extra_context or {}))

    @admin.display(description="name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description="may")
    def rights(self, user: User) -> str:
        if not user.is_staff:
            return "not sign in here"
        roles = [role.name for role in user.groups.all()]
        return "everything" if user.is_superuser else ", ".join(roles) or "single rights"

    @admin.display(description="last signed in", ordering="last_login")
    def last_seen(self, user: User) -> str:
        return ago(user.last_login)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return () if request.user.is_superuser else RIGHTS

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_handle(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_handle(request, obj)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.is_staff = True  # There is nowhere else to sign in.
        form.rights_before = _rights(User.objects.filter(pk=obj.pk).first())
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        record(
            "change operator" if change else "make operator",
            thing=form.instance,
            actor=request.user.get_username(),
            before=form.rights_before,
            after=_rights(form.instance),
            at=timezone.now(),
        )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name in WORDS:
            field.label, field.help_text = WORDS[db_field.name]
        return field


def _may_handle(request: HttpRequest, user: User | None) -> bool:
    if user is None or request.user.is_superuser or user.pk == request.user.pk:
        return True
    return not (
        user.is_superuser or user.get_all_permissions() - request.user.get_all_permissions()
    )


RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
WORDS = {
    "is_active": ("Active", "No: cannot sign in any more. What they did stays on the record."),
    "is_staff": ("May sign in here", "No: an account without these pages."),
    "is_superuser": ("May do everything", "Then roles and single rights add nothing."),
    "groups": ("Roles", "All rights of each chosen role."),
    "user_permissions": ("Single rights", "Beside those of the roles."),
}
