"""Read what manifest.csv says of a OneRoster set, and compare it with the files that are there."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from portal.sis.report import Mode, Problem, Report
from portal.sis.sources.file_set import FileSet
from portal.sis.sources.table import Layout, Row, rows

MANIFEST = Layout("manifest.csv", ("propertyName", "value"))
VERSIONS = ("1.1", "1.2")
MODES = ("absent", *Mode)


@dataclass(frozen=True, slots=True)
class Known:
    """Name the files of one version: those that are read, those that never are, those that must be."""

    read: Collection[str]
    unread: Collection[str]
    required: frozenset[str]
    side: frozenset[str]

    def __contains__(self, name: object) -> bool:
        """Tell whether the version knows a file of this name."""
        return name in self.read or name in self.unread


@dataclass(frozen=True, slots=True)
class Manifest:
    """Hold the version of a set and the rows of its manifest by property."""

    version: str
    declared: Mapping[str, Row] = field(default_factory=dict)

    @property
    def is_delta(self) -> bool:
        """Tell whether any file of the set says only what changed."""
        return any(
            name.startswith("file.") and row.text("value") == Mode.DELTA
            for name, row in self.declared.items()
        )

    def mode(self, name: str) -> str:
        """Return how a file is given: bulk, delta or absent."""
        row = self.declared.get(f"file.{name}")
        return row.text("value") if row else "absent"


def read_manifest(files: FileSet, report: Report) -> Manifest | None:
    """Return the manifest; report what is wrong with it, and return None where it cannot be used."""
    if MANIFEST.name not in files:
        report.error(Problem("the set has no manifest.csv, in exactly this spelling", MANIFEST.name))
        return None
    declared: dict[str, Row] = {}
    for row in rows(files, MANIFEST, report):
        name = row.key("propertyName")
        if name in declared:
            row.wrong("propertyName", "this property is given twice")
        declared[name] = row
    for name in ("manifest.version", "oneroster.version"):
        if name not in declared:
            report.error(Problem(f"the property {name} is missing", MANIFEST.name))
    if "oneroster.version" not in declared:
        return None
    row = declared["oneroster.version"]
    if row.text("value") not in VERSIONS:
        row.wrong("value", f"only OneRoster {' and '.join(VERSIONS)} are read; export one of them")
        return None
    return Manifest(row.text("value"), declared)


def agreed(manifest: Manifest, known: Known, files: FileSet, report: Report) -> dict[str, Mode]:
    """Return how each file is given that is to be read; report where manifest and files disagree."""
    for name, row in manifest.declared.items():
        _check_property(name, row, known)
    modes = {
        name: Mode(manifest.mode(name))
        for name in known.read
        if _agrees(name, manifest, known, files, report)
    }
    if "roles" in known.read:
        _check_people(modes, report)
    for name in _unknown(files, known):
        report.warn(Problem("this file is not known and was not read (names are case-sensitive)", name))
    return modes


def _unknown(files: FileSet, known: Known) -> Iterator[str]:
    names = {f"{name}.csv" for name in (*known.read, *known.unread)} | known.side | {MANIFEST.name}
    return (name for name in sorted(set(files.openers) - names) if name.lower().endswith(".csv"))


def _check_property(name: str, row: Row, known: Known) -> None:
    value = row.text("value")
    if name == "manifest.version" and value != "1.0":
        row.odd("value", "manifest.version should be 1.0")
    if name.startswith("file."):
        if name.removeprefix("file.") not in known:
            row.odd("propertyName", "this file is not known and was not read")
        elif value not in MODES:
            row.wrong("value", f"this must be one of: {', '.join(MODES)}")


def _agrees(name: str, manifest: Manifest, known: Known, files: FileSet, report: Report) -> bool:
    file, mode = f"{name}.csv", manifest.mode(name)
    if mode not in MODES:
        return False
    if mode != "absent":
        if file not in files:
            report.error(Problem(f"the manifest says {mode}, but the file is not there", file))
        return file in files
    if file in files:
        report.error(Problem("the file is there, but the manifest does not say bulk or delta", file))
    elif name in known.required and not manifest.is_delta:
        report.error(Problem(f"a roster needs {', '.join(sorted(known.required))}", file))
    return False


def _check_people(modes: Mapping[str, Mode], report: Report) -> None:
    """Have who somebody is and what they do given alike: all of one needs all of the other."""
    given = {modes.get("users"), modes.get("roles")}
    if Mode.BULK in given and len(given) > 1:
        report.error(Problem("users.csv and roles.csv must both be bulk, or both be delta", "roles.csv"))
