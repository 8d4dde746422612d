from typing import Any

from django.db.models import QuerySet
from django.forms import ChoiceField
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from .choices import choices_in_words


class SaidFilters(DjangoFilterBackend):  # type: ignore[misc] # it is untyped
    """Filters by what is said; a filter that is sent empty is a mistake, not everything."""

    def get_filterset(self, request: Request, queryset: QuerySet[Any], view: Any) -> Any:
        filterset = super().get_filterset(request, queryset, view)
        names = filterset.filters if filterset else ()
        if blank := [name for name in names if request.query_params.get(name) == ""]:
            raise ValidationError({name: ["Say what, or leave it out."] for name in blank})
        for name, field in filterset.form.fields.items() if filterset else ():
            said = request.query_params.get(name)
            if isinstance(field, ChoiceField) and said is not None and not field.valid_value(said):
                there = choices_in_words(
                    value for value, _ in filterset.filters[name].extra["choices"]
                )
                raise ValidationError({name: [f"There is no {said!r}. Choose from {there}."]})
        return filterset
