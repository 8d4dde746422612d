"""What every endpoint shares: who calls, what they may do, how bodies are read and errors said."""

from .authentication import ApiClient, ApiKeyAuthentication, HasScope
from .idempotency import idempotent
from .pagination import NewestFirst
from .parsers import StrictJSONParser
from .problems import Problem, problem_json

__all__ = [
    "ApiClient",
    "ApiKeyAuthentication",
    "HasScope",
    "NewestFirst",
    "Problem",
    "StrictJSONParser",
    "idempotent",
    "problem_json",
]
