"""Insights as operators see them: who is at risk and why, what serves and how good it is."""

from .associations import AssociationRuleAdmin
from .cleaning import DataCleaningAdmin
from .customers import CustomerAdmin
from .definition import ChurnDefinitionAdmin
from .models import ModelVersionAdmin, TrainingRunAdmin
from .quality import DataFindingAdmin
from .rules import RecommendationRuleAdmin
from .scores import ChurnScoreAdmin
from .segments import SegmentAdmin
from .tastes import RecommendationListAdmin

__all__ = [
    "AssociationRuleAdmin",
    "ChurnDefinitionAdmin",
    "ChurnScoreAdmin",
    "CustomerAdmin",
    "DataCleaningAdmin",
    "DataFindingAdmin",
    "ModelVersionAdmin",
    "RecommendationListAdmin",
    "RecommendationRuleAdmin",
    "SegmentAdmin",
    "TrainingRunAdmin",
]
