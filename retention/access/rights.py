"""What an operator may do, in words, and the roles that are offered to start from."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet
from django.forms.models import ModelChoiceIterator

RIGHTS: dict[str, dict[str, str]] = {
    "Customers": {
        "customers.view_customer": "See customers: their names, addresses and all they did",
        "customers.view_event": "See events",
        "customers.view_consent": "See consents and objections",
        "customers.add_consent": "Record what a customer agrees to or objects to",
        "customers.view_customermerge": "See merges",
        "customers.merge_customer": "Merge customers who are one person, and undo it",
        "customers.delete_customer": "Erase customers",
        "customers.view_erasure": "See erasures",
        "customers.delete_erasure": "Lift an erasure, so that the person may be known again",
    },
    "What is foretold of them": {
        "insights.view_churnscore": "See who is at risk, and why",
        "insights.view_segment": "See segments and behaviour",
        "insights.add_segment": "Make segments",
        "insights.change_segment": "Change segments",
        "insights.delete_segment": "Delete segments",
        "insights.view_recommendationlist": "See recommendations",
        "insights.view_recommendationrule": "See the rules of recommending",
        "insights.add_recommendationrule": "Make rules of recommending",
        "insights.change_recommendationrule": "Change rules of recommending",
        "insights.delete_recommendationrule": "Delete rules of recommending",
        "insights.view_associationrule": "See what is bought together",
    },
    "Campaigns": {
        "campaigns.view_campaign": "See campaigns and what they earned",
        "campaigns.add_campaign": "Draft campaigns",
        "campaigns.change_campaign": "Change drafts and send them in",
        "campaigns.delete_campaign": "Delete drafts",
        "campaigns.approve_campaign": "Approve campaigns of someone else",
        "campaigns.launch_campaign": "Launch, pause, resume and cancel campaigns",
        "campaigns.view_coupon": "See coupons and their codes",
    },
    "Models and data": {
        "insights.view_modelversion": "See models",
        "insights.change_modelversion": "Train models anew, and choose which serves",
        "insights.view_trainingrun": "See trainings",
        "insights.view_churndefinition": "See what leaving means",
        "insights.add_churndefinition": "Say what leaving means",
        "insights.change_churndefinition": "Change what leaving means",
        "insights.view_datafinding": "See data quality",
        "insights.view_datacleaning": "See what was cleaned",
        "insights.decide_datacleaning": "Decide what learning leaves out",
        "jobs.view_jobrun": "See jobs",
        "jobs.change_jobrun": "Cancel jobs, and try them again",
        "jobs.view_schedule": "See schedules",
        "jobs.add_schedule": "Make schedules",
        "jobs.change_schedule": "Change schedules",
    },
    "Shop": {
        "catalog.view_product": "See products",
        "catalog.change_product": "Withdraw products from sale, and put them back",
        "catalog.view_category": "See categories",
        "customers.view_ingestbatch": "See imports",
        "customers.add_ingestbatch": "Import files",
    },
    "Operators and keys": {
        "auth.view_user": "See operators",
        "auth.add_user": "Add operators",
        "auth.change_user": "Change operators who may not do more than they may",
        "auth.delete_user": "Delete operators who may not do more than they may",
        "auth.view_group": "See roles",
        "access.view_apikey": "See API keys",
        "access.add_apikey": "Make API keys",
        "access.change_apikey": "Revoke API keys",
        "access.view_auditentry": "See the audit log",
    },
}
"""Every right that a page or an action asks for, by where it belongs."""

WORDS = {right: words for rights in RIGHTS.values() for right, words in rights.items()}
READING = tuple(
    right for right in WORDS if ".view_" in right and not right.startswith(("auth.", "access."))
)

STARTS: dict[str, tuple[str, ...]] = {
    "Reader": READING,
    "Marketer": (
        *READING,
        *(right for right in WORDS if right.endswith(("_segment", "_recommendationrule"))),
        "campaigns.add_campaign",
        "campaigns.change_campaign",
        "campaigns.delete_campaign",
        "campaigns.launch_campaign",
        "customers.add_consent",
    ),
    "Approver": (*READING, "campaigns.approve_campaign"),
    "Data keeper": (
        *READING,
        *RIGHTS["Models and data"],
        *RIGHTS["Shop"],
        "customers.add_consent",
        "customers.merge_customer",
        "customers.delete_customer",
    ),
}
"""Roles to begin with: each is a form filled in, which may be changed before it is saved."""


def permissions(rights: Iterable[str]) -> QuerySet[Permission]:
    """The rows of these rights, each named "app.action_model"."""
    among = Q(pk__in=())
    for right in rights:
        app, _, codename = right.partition(".")
        among |= Q(content_type__app_label=app, codename=codename)
    return Permission.objects.filter(among).select_related("content_type")


def right_of(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"


class ByPlace(ModelChoiceIterator[Permission]):
    """The choices of a form: rights in words, under the place that they belong to."""

    def __iter__(self) -> Iterator[Any]:
        rows = {right_of(permission): permission for permission in self.queryset}
        for place, rights in RIGHTS.items():
            yield place, [self.choice(rows[right]) for right in rights if right in rows]
