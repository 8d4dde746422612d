from .associations import AssociationRule
from .churn import Band, ChurnDefinition, ChurnScore
from .recommendations import ProductPair, RecommendationList
from .rules import Context, RecommendationRule
from .segments import Segment, SegmentMembership
from .shown import Shown
from .versions import Kind, ModelVersion, TrainingRun

__all__ = [
    "AssociationRule",
    "Band",
    "ChurnDefinition",
    "ChurnScore",
    "Context",
    "Kind",
    "ModelVersion",
    "ProductPair",
    "RecommendationList",
    "RecommendationRule",
    "Segment",
    "SegmentMembership",
    "Shown",
    "TrainingRun",
]
