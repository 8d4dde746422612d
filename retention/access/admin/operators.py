"""Who signs in here, and what they may do."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import ReadOnlyPasswordHashWidget
from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from retention.access.audit import record
from retention.access.rights import STARTS, WORDS, ByPlace, permissions, right_of
from retention.present.lists import M
from retention.present.templatetags.present import ago

admin.site.unregister([User, Group])


class RightsField(ModelMultipleChoiceField[Permission]):
    """Rights in words, a box each, under the place that they belong to."""

    iterator = ByPlace
    widget = CheckboxSelectMultiple

    def __init__(self, **said: Any) -> None:
        super().__init__(**(said | {"label": "Rights"}))

    def label_from_instance(self, obj: Permission) -> str:
        return WORDS[right_of(obj)]


class PasswordButton(ReadOnlyPasswordHashWidget):
    """The way to set another; how this one is hashed tells an operator nothing."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, value, attrs) | {"summary": []}


class Rights(admin.ModelAdmin[M]):
    """Offers the rights that a page asks for, in words; who gave or took any is on the record."""

    filter_horizontal = ()
    sort: str
    """Of what the log says that it was made, changed or deleted."""

    def logged(self, one: M) -> dict[str, Any]:
        """What it grants, as the log keeps it."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: M, form: Any, change: bool) -> None:
        stored = self.model._default_manager.filter(pk=obj.pk).first()
        form.granted_before = self.logged(stored) if stored else {}
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        verb, granted = "change" if change else "make", self.logged(form.instance)
        self.record(request, verb, form.instance, before=form.granted_before, after=granted)

    def delete_model(self, request: HttpRequest, obj: M) -> None:
        self.record(request, "delete", obj, before=self.logged(obj))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[M]) -> None:
        with transaction.atomic():
            for one in queryset.order_by("pk"):
                self.delete_model(request, one)

    def record(
        self,
        request: HttpRequest,
        verb: str,
        one: M,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        record(
            f"{verb} {self.sort}",
            thing=one,
            actor=request.user.get_username(),
            before=before or {},
            after=after or {},
            at=timezone.now(),
        )

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        kwargs["widget"] = CheckboxSelectMultiple
        if db_field.remote_field.model is Permission:
            kwargs |= {"queryset": permissions(WORDS), "form_class": RightsField}
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(Group)
class RoleAdmin(Rights[Group], GroupAdmin):
    """A set of rights under a name, given to any number of operators, by whoever may do all."""

    change_form_template = "admin/role.html"
    sort = "role"

    def logged(self, one: Group) -> dict[str, Any]:
        return {
            "name": one.name,
            "rights": sorted(one.permissions.values_list("codename", flat=True)),
            "operators": sorted(one.user_set.values_list("username", flat=True)),
        }

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        words = {
            "add_label": "New role",
            "empty_title": "No role yet.",
            "empty_text": "Who may do everything needs none; everyone else gets rights by them.",
        }
        return super().changelist_view(request, words | (extra_context or {}))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        starts = {"title": "New role", "starts": STARTS, "start": request.GET.get("start")}
        return super().add_view(request, form_url, starts | (extra_context or {}))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The role to begin with that the address names, or an empty one."""
        name = request.GET.get("start", "")
        return {"name": name, "permissions": permissions(STARTS[name])} if name in STARTS else {}

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

    sort = "operator"
    list_display = ("username", "full_name", "email", "rights", "last_seen", "is_active")
    list_filter = ("is_active", "groups")
    fieldsets = (
        (None, {"fields": ("username", "password", "first_name", "last_name", "email")}),
        (
            "What they may do",
            {"fields": ("is_active", "is_staff", "is_superuser", "groups")},
        ),
        ("Single rights", {"classes": ("collapse",), "fields": ("user_permissions",)}),
    )

    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2")}),
        ("What they may do", {"fields": ("is_superuser", "groups")}),
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        said = {"add_label": "New operator"}
        return super().changelist_view(request, said | (extra_context or {}))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        said = {"title": "Operator" if object_id else "New operator"}
        return super().changeform_view(request, object_id, form_url, said | (extra_context or {}))

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "password" in form.base_fields:
            form.base_fields["password"].widget = PasswordButton()
        return form

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

    def logged(self, one: User) -> dict[str, Any]:
        return {
            "name": one.username,
            "signs in here": one.is_active and one.is_staff,
            "everything": one.is_superuser,
            "roles": sorted(one.groups.values_list("name", flat=True)),
            "rights": sorted(one.user_permissions.values_list("codename", flat=True)),
        }

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.is_staff = True  # There is nowhere else to sign in.
        super().save_model(request, obj, form, change)

    @method_decorator(sensitive_post_parameters())
    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """That one was set for somebody is on the record, never which."""
        with transaction.atomic():
            was = self.get_object(request, unquote(id))
            answer = super().user_change_password(request, id, form_url)
            now = self.get_object(request, unquote(id))
            if was and now and was.password != now.password:
                self.record(request, "set password of", now)
        return answer

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name in LABELS:
            field.label, field.help_text = LABELS[db_field.name]
        return field


def _may_handle(request: HttpRequest, user: User | None) -> bool:
    if user is None or request.user.is_superuser or user.pk == request.user.pk:
        return True
    return not (
        user.is_superuser or user.get_all_permissions() - request.user.get_all_permissions()
    )


RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
LABELS = {
    "is_active": ("Active", "No: cannot sign in any more. What they did stays on the record."),
    "is_staff": ("May sign in here", "No: an account without these pages."),
    "is_superuser": ("May do everything", "Then roles and single rights add nothing."),
    "groups": ("Roles", "All rights of each chosen role. New ones are made under Roles."),
    "user_permissions": ("Rights", "Beside those of the roles."),
}
