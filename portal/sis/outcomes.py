"""Name what comes of an import."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portal.core.secret import Secret
from portal.sis.report import Problem, Provenance
from portal.sis.source import Kind


@dataclass(frozen=True, slots=True)
class Counts:
    """Count what an import did to the rows of one kind."""

    added: int = 0
    changed: int = 0
    retired: int = 0
    unchanged: int = 0

    @property
    def total(self) -> int:
        """Return how many rows of the kind the file set holds."""
        return self.added + self.changed + self.unchanged

    @property
    def touched(self) -> int:
        """Return how many rows the import wrote."""
        return self.added + self.changed + self.retired


@dataclass(frozen=True, slots=True)
class MintedPassword:
    """Hand out a freshly minted access password, once."""

    student_id: str
    access_id: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Imported:
    """Report an import of the set that `provenance` names; `warnings` shows the first of `warning_count`."""

    counts: Mapping[Kind, Counts]
    warnings: tuple[Problem, ...] = ()
    warning_count: int = 0
    dry_run: bool = False
    access_ids_issued: int = 0
    minted: tuple[MintedPassword, ...] = field(default=(), repr=False)
    provenance: Provenance = field(default=Provenance("unknown"))


@dataclass(frozen=True, slots=True)
class LastImport:
    """Tell when a district's records were last brought in, and from what."""

    at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class ImportedPerson:
    """Name an imported student or contact; `access_id` is a student's."""

    id: str
    identifier: str
    given_name: str
    family_name: str
    email: str = ""
    access_id: str = ""
