"""What every endpoint shares: who calls, what they may do, how bodies are read and errors said."""

from .authentication import ApiClient, ApiKeyAuthentication, HasScope, IsSignedIn
from .idempotency import idempotent
from .pagination import NewestFirst
from .parsers import StrictJSONParser
from .problems import Problem, problem_body, problem_json
from .throttle import KeyThrottle

__all__ = [
    "ApiClient",
    "ApiKeyAuthentication",
    "HasScope",
    "IsSignedIn",
    "KeyThrottle",
    "NewestFirst",
    "Problem",
    "StrictJSONParser",
    "idempotent",
    "problem_body",
    "problem_json",
]
