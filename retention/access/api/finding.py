from typing import TypeVar

from django.db.models import Model, QuerySet
from rest_framework.generics import RetrieveAPIView

from .problems import Problem

M = TypeVar("M", bound=Model)


def by_number(rows: QuerySet[M], pk: int) -> M:
    """A row by our own number, as an address names it. Problem 404 where there is none."""
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Problem(404, "Not found", f"There is no {rows.model._meta.verbose_name} {pk}.")
    return row


class ByNumber(RetrieveAPIView[M]):
    """Answers with one row, found by the number in the address."""

    def get_object(self) -> M:
        return by_number(self.get_queryset(), self.kwargs["pk"])
