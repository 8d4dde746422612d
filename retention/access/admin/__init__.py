from .audit import AuditEntryAdmin
from .keys import ApiKeyAdmin
from .operators import OperatorAdmin, RoleAdmin

__all__ = ["ApiKeyAdmin", "AuditEntryAdmin", "OperatorAdmin", "RoleAdmin"]
