"""Define what whoever edits a district's options is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.helpdesk.options.fields import OptionField


class Standing(StrEnum):
    """Tell how an edit of the console stands to the file.

    FILE_CHANGED: the file has changed the same option since; the console's value counts until somebody
    decides. SET_ASIDE: it no longer goes with the file, so the file's value counts.
    """

    COUNTS = "counts"
    FILE_CHANGED = "file_changed"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Overridden:
    """Show one option that the console set: what it says, what the file says, since when, by whom."""

    field: OptionField
    value: Any
    file: Any
    by: str
    at: datetime
    standing: Standing


@dataclass(frozen=True, slots=True)
class OptionSheet:
    """Show a district's options as they count, and which of them the console set."""

    version: int
    values: Mapping[str, Any]
    overridden: Sequence[Overridden]
    schools: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OptionChange:
    """Name one option that would count differently; `families` is how many accounts it is about, if known.

    `asked` is off for one that follows from another (the defaults of a profile).
    """

    field: OptionField
    before: Any
    after: Any
    asked: bool
    families: int | None = None


@dataclass(frozen=True, slots=True)
class OptionsPreview:
    """Show what an edit would change, before it does."""

    version: int
    changes: Sequence[OptionChange]
    accounts: int


@dataclass(frozen=True, slots=True)
class OptionsEdited:
    """Report an edit that counts from now on."""

    changes: Sequence[OptionChange]
