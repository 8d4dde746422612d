from retention.insights.families.baskets import BasketFamily
from retention.insights.families.churn import ChurnFamily
from retention.insights.families.clusters import ClusterFamily
from retention.insights.families.factorization import FactorizationFamily
from retention.insights.families.family import Family
from retention.insights.families.ratings import RatingFamily
from retention.insights.families.rfm import RfmFamily
from retention.insights.families.value import ValueFamily
from retention.insights.models import Kind

FAMILIES: dict[str, Family] = {
    Kind.FACTORIZATION: FactorizationFamily(),
    Kind.CHURN: ChurnFamily(),
    Kind.VALUE: ValueFamily(),
    Kind.RFM: RfmFamily(),
    Kind.CLUSTERS: ClusterFamily(),
    Kind.BASKETS: BasketFamily(),
    Kind.RATINGS: RatingFamily(),
}
"""One a kind. An app above, which has facts of its own to learn from, adds its family at start."""
