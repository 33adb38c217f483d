"""Collect everything that is wrong with a file set, so that it is mended in one go."""

from dataclasses import dataclass
from enum import StrEnum

from portal.core.errors import ImportRefusedError

SHOWN = 100


class Mode(StrEnum):
    """Name how much of the district a file set holds: all of it, or what changed since the last one."""

    BULK = "bulk"
    DELTA = "delta"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Say what a file set is, as staff call it ("OneRoster 1.1"), and how much it holds.

    `whole` names the kinds of rows of which a delta holds all.
    """

    source: str
    mode: Mode = Mode.BULK
    whole: frozenset[str] = frozenset()

    def is_whole(self, kind: str) -> bool:
        """Tell whether a row of this kind that the set does not hold is gone."""
        return self.mode is Mode.BULK or kind in self.whole


@dataclass(frozen=True, slots=True)
class Problem:
    """Name what is wrong and where; row 0 speaks of the whole file, an empty column of the row."""

    text: str
    file: str = ""
    row: int = 0
    column: str = ""
    value: str = ""

    def __str__(self) -> str:
        """Return the problem as one line for staff."""
        place = [self.file] if self.file else []
        place += [f"row {self.row}"] if self.row else []
        place += [f"column {self.column}"] if self.column else []
        shown = f" ({self.value[:80]!r})" if self.value else ""
        return (", ".join(place) + ": " if place else "") + self.text + shown


class ImportFailedError(ImportRefusedError):
    """Refuse an import with the problems found; `total` counts also those that are not shown."""

    def __init__(self, problems: tuple[Problem, ...], total: int) -> None:
        """Take the problems to show and how many there were."""
        self.problems = problems
        self.total = total
        more = total - len(problems)
        lines = [str(problem) for problem in problems]
        lines += [f"... and {more} more problems"] if more > 0 else []
        super().__init__("Nothing was imported.\n" + "\n".join(lines))


class Report:
    """Hold the errors, which stop an import, the warnings, which do not, and what the set is."""

    def __init__(self) -> None:
        """Start empty."""
        self.provenance = Provenance("unknown")
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []
        self.error_count = 0
        self.warning_count = 0

    def describe(self, provenance: Provenance) -> None:
        """Take what the set is; a source says so before its first record."""
        self.provenance = provenance

    def error(self, problem: Problem) -> None:
        """Note what stops the import."""
        self.error_count += 1
        if len(self.errors) < SHOWN:
            self.errors.append(problem)

    def warn(self, problem: Problem) -> None:
        """Note what staff should know."""
        self.warning_count += 1
        if len(self.warnings) < SHOWN:
            self.warnings.append(problem)

    def refuse_if_broken(self) -> None:
        """Raise ImportFailedError if there is any error."""
        if self.error_count:
            raise ImportFailedError(tuple(self.errors), self.error_count)
