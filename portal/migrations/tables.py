"""Bring in every module that describes tables, so that the metadata is whole."""

from portal.accounts import models as accounts
from portal.core import models as core
from portal.core.database import Base
from portal.dialogue import models as dialogue
from portal.sis import models as sis

__all__ = ["METADATA", "accounts", "core", "dialogue", "sis"]

METADATA = Base.metadata
