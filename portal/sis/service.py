"""Import a district's families and what its schools know of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.core.context import Context
from portal.core.secret import Secret
from portal.sis.report import Problem
from portal.sis.source import Kind, SisSource


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


@dataclass(frozen=True, slots=True)
class MintedPassword:
    """Hand out a freshly minted access password, once."""

    student_id: str
    access_id: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Imported:
    """Report an import; `warnings` shows the first of `warning_count`."""

    counts: Mapping[Kind, Counts]
    warnings: tuple[Problem, ...] = ()
    warning_count: int = 0
    dry_run: bool = False
    access_ids_issued: int = 0
    minted: tuple[MintedPassword, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ImportedPerson:
    """Name an imported student or contact; `access_id` is a student's."""

    id: str
    identifier: str
    given_name: str
    family_name: str
    email: str = ""
    access_id: str = ""


class Imports:
    """Bring file sets in, all or nothing, inside the caller's transaction."""

    def __init__(self, context: Context) -> None:
        """Work in the given transaction."""
        self._context = context

    def run(self, district: str, source: SisSource, *, dry_run: bool = False, mint: bool = False) -> Imported:
        """Import a file set; raise ImportRefusedError, with every problem, if it has an error.

        `mint` gives every student without an access password one; the clear values are in the
        result and nowhere else. `dry_run` does everything and takes it back.
        """
        raise NotImplementedError

    def find_student(self, district: str, identifier: str) -> ImportedPerson | None:
        """Return the student with the identifier (users.identifier, else the source's id)."""
        raise NotImplementedError

    def find_contact(self, district: str, identifier: str) -> ImportedPerson | None:
        """Return the contact with the identifier (users.identifier, else the source's id)."""
        raise NotImplementedError
