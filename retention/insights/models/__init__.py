from .associations import AssociationRule
from .churn import Band, ChurnDefinition, ChurnScore
from .joining import SegmentJoining
from .next_category import NextCategory
from .quality import DataCheck, DataCleaning, DataFinding, Problem, Severity
from .recommendations import ProductPair, RecommendationList
from .rfm import RfmScore
from .rules import Context, RecommendationRule
from .segments import Segment, SegmentChange, SegmentMembership
from .shown import Shown
from .timing import CategoryChance, SendTime, Weekday
from .versions import Kind, ModelVersion, TrainingRun
from .watches import ModelWatch

__all__ = [
    "AssociationRule",
    "Band",
    "CategoryChance",
    "ChurnDefinition",
    "ChurnScore",
    "Context",
    "DataCheck",
    "DataCleaning",
    "DataFinding",
    "Kind",
    "ModelVersion",
    "ModelWatch",
    "NextCategory",
    "Problem",
    "ProductPair",
    "RecommendationList",
    "RecommendationRule",
    "RfmScore",
    "Segment",
    "SegmentChange",
    "SegmentJoining",
    "SegmentMembership",
    "SendTime",
    "Severity",
    "Shown",
    "TrainingRun",
    "Weekday",
]
