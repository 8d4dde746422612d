from .audit import AuditEntryAdmin
from .keys import ApiKeyAdmin
from .operators import OperatorAdmin, RoleAdmin
from .signing_in import SignInForm

__all__ = ["ApiKeyAdmin", "AuditEntryAdmin", "OperatorAdmin", "RoleAdmin", "SignInForm"]
