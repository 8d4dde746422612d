from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Substr

from catalog.models import Product
from customers.models import Customer, Purpose
from retention.insights.months import MONTHS

if TYPE_CHECKING:
    from .models import (  # noqa: F401 - named in the types below
        AssociationRule,
        CategoryChance,
        ChurnScore,
        DataCleaning,
        DataFinding,
        ModelVersion,
        NextCategory,
        RecommendationRule,
        RfmScore,
        Segment,
        SegmentMembership,
        SendTime,
    )


class ChurnScoreQuerySet(QuerySet["ChurnScore"]):
    def consented(self) -> "ChurnScoreQuerySet":
        """Without those who objected since they were scored: from then on nobody sees a score."""
        return self.filter(customer__in=Customer.objects.consenting(Purpose.ANALYTICS))


class NextCategoryQuerySet(QuerySet["NextCategory"]):
    def consented(self) -> "NextCategoryQuerySet":
        """Without those who objected since."""
        return self.filter(customer__in=Customer.objects.consenting(Purpose.ANALYTICS))


class SendTimeQuerySet(QuerySet["SendTime"]):
    def consented(self) -> "SendTimeQuerySet":
        """Without those who objected since: a habit says what someone is like."""
        return self.filter(customer__in=Customer.objects.consenting(Purpose.ANALYTICS))


class CategoryChanceQuerySet(QuerySet["CategoryChance"]):
    def consented(self) -> "CategoryChanceQuerySet":
        """Without those who objected since."""
        return self.filter(customer__in=Customer.objects.consenting(Purpose.ANALYTICS))

    def best_of(self, customer: Customer) -> "CategoryChanceQuerySet":
        """A customer's, likeliest first."""
        best = self.consented().filter(customer=customer).select_related("category")
        return best.order_by("-probability", "category__path")


class RfmScoreQuerySet(QuerySet["RfmScore"]):
    def within(
        self,
        *,
        recency: Collection[int] = (),
        frequency: Collection[int] = (),
        money: Collection[int] = (),
        worth_from: float | None = None,
        worth_to: float | None = None,
    ) -> "RfmScoreQuerySet":
        """By their scores; what is empty does not narrow. worth : the mean of frequency and money,
        which with recency makes the name."""
        rows = self.annotate(both=F("frequency") + F("money"))
        if worth_from is not None:
            rows = rows.filter(both__gte=2 * worth_from)
        if worth_to is not None:
            rows = rows.filter(both__lte=2 * worth_to)
        asked = {"recency__in": recency, "frequency__in": frequency, "money__in": money}
        return rows.filter(**{name: among for name, among in asked.items() if among})

    def spelt(self, letters: Collection[str], *, back: int) -> "RfmScoreQuerySet":
        """Who had one of the names, by its letter, so many months back; 0 is now."""
        there = self.annotate(letter=Substr("history", MONTHS - back, 1))
        return there.filter(letter__in=letters)


class SegmentQuerySet(QuerySet["Segment"]):
    def of_rules(self) -> "SegmentQuerySet":
        """Those whose customers a rule tells, and no training."""
        return self.filter(kind="RULE")


class SegmentMembershipQuerySet(QuerySet["SegmentMembership"]):
    def current(self) -> "SegmentMembershipQuerySet":
        return self.filter(left_at=None)

    def consented(self) -> "SegmentMembershipQuerySet":
        """Without those who objected since: a segment says what someone is like."""
        return self.filter(customer__in=Customer.objects.consenting(Purpose.ANALYTICS))


class ModelVersionQuerySet(QuerySet["ModelVersion"]):
    def champions(self) -> "ModelVersionQuerySet":
        return self.filter(state="CHAMPION")

    def beside_the_serving(self) -> "ModelVersionQuerySet":
        """Each with the `serving` number of its kind, None where none does."""
        serving = self.model.objects.champions().filter(kind=OuterRef("kind"))
        return self.annotate(serving=Subquery(serving.values("number")))

    def unused(self) -> "ModelVersionQuerySet":
        """Neither serving, nor named by a row that is still shown."""
        from .models import AssociationRule, ChurnScore, ProductPair, RecommendationList

        def named(rows: QuerySet[Any]) -> Exists:
            return Exists(rows.filter(version=OuterRef("pk")))

        return self.exclude(
            Q(state="CHAMPION")
            | named(ChurnScore.objects.all())
            | Exists(ChurnScore.objects.filter(value_version=OuterRef("pk")))
            | named(RecommendationList.objects.all())
            | named(ProductPair.objects.all())
            | named(AssociationRule.objects.all())
        )


class AssociationRuleQuerySet(QuerySet["AssociationRule"]):
    def about(self, products: QuerySet[Product]) -> "AssociationRuleQuerySet":
        """Rules with any of the products in them, on whichever side."""
        leading = self.model.antecedent.through.objects.filter(product__in=products)
        return self.filter(Q(consequent__in=products) | Q(pk__in=leading.values("associationrule")))

    def asked(
        self, *, product: str = "", min_lift: float = 0, kind: str = ""
    ) -> "AssociationRuleQuerySet":
        """As an API client asks; what is empty does not narrow."""
        rules = self.filter(lift__gte=min_lift)
        rules = rules.filter(kind=kind) if kind else rules
        return rules.about(Product.objects.filter(external_id=product)) if product else rules

    def asked_for(self, key: str) -> "AssociationRule | None":
        """The rule that an address names; None where it leads nowhere."""
        is_key = key.isascii() and key.isdecimal() and len(key) < 19
        return self.whole().filter(pk=key).first() if is_key else None

    def whole(self) -> "AssociationRuleQuerySet":
        """With all that their words name: two queries more, however many they are."""
        return self.select_related("consequent").prefetch_related("antecedent")


class RecommendationRuleQuerySet(QuerySet["RecommendationRule"]):
    def in_force(self, at: datetime) -> "RecommendationRuleQuerySet":
        """Switched on, and within their days."""
        return self.filter(
            Q(starts_at=None) | Q(starts_at__lte=at),
            Q(ends_at=None) | Q(ends_at__gt=at),
            enabled=True,
        )


class DataFindingQuerySet(QuerySet["DataFinding"]):
    def consented(self) -> "DataFindingQuerySet":
        """Without those about somebody who objected to being analysed since."""
        allowed = Q(customer__in=Customer.objects.consenting(Purpose.ANALYTICS))
        return self.filter(Q(customer=None) | allowed)


class DataCleaningQuerySet(QuerySet["DataCleaning"]):
    def named(self) -> "DataCleaningQuerySet":
        """With what they are about, in the same query."""
        return self.select_related("customer__contact", "product")

    def in_force(self) -> "DataCleaningQuerySet":
        return self.filter(undone_at=None)

    def leaving_out(self) -> "DataCleaningQuerySet":
        """Without those that only say that something is right."""
        return self.exclude(kind="KEEP")

    def last_changed_at(self) -> datetime | None:
        """When one of them was last decided or taken back."""
        last = self.aggregate(decided=Max("decided_at"), undone=Max("undone_at"))
        return max((at for at in last.values() if at), default=None)

    def excluded(self) -> QuerySet["DataCleaning", int | None]:
        """The ids of the customers that learning leaves out."""
        excluding = self.in_force().filter(kind="EXCLUDE", customer__isnull=False)
        return excluding.values_list("customer_id", flat=True)
