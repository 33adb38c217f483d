"""Bring in every module that describes tables, so that the metadata is whole."""

from portal.accounts import models as accounts
from portal.core import models as core
from portal.core.database import Base
from portal.dialogue import models as dialogue
from portal.helpdesk import models as helpdesk
from portal.helpdesk.desk import models as desk
from portal.helpdesk.onboarding import models as onboarding
from portal.helpdesk.requests import models as requests
from portal.helpdesk.staff import models as staff
from portal.records import models as records
from portal.sis import announcements
from portal.sis import models as sis

__all__ = [
    "METADATA",
    "accounts",
    "announcements",
    "core",
    "desk",
    "dialogue",
    "helpdesk",
    "onboarding",
    "records",
    "requests",
    "sis",
    "staff",
]

METADATA = Base.metadata
