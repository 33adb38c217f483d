"""Read an Ed-Fi interchange entity by entity, trusting nothing in the file.

Entities, DTD and network are off: whatever is declared in a file could only harm the reader. What
was read is forgotten at once, so that the length of a file costs no memory.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from lxml import etree

from portal.sis.report import Problem, Report
from portal.sis.sources.file_set import FileSet

VERSION = "5.2.0"
NAMESPACE = f"http://ed-fi.org/{VERSION}"
ANY_VERSION = re.compile(r"http://(?:www\.)?ed-fi\.org/(.+)")
# What the interchanges hold that are read; the rest of each is passed over.
INTERCHANGES = {
    "InterchangeEducationOrganization": frozenset(
        {"LocalEducationAgency", "School", "Course", "ClassPeriod"}
    ),
    "InterchangeEducationOrgCalendar": frozenset({"Session", "GradingPeriod", "Calendar", "CalendarDate"}),
    "InterchangeMasterSchedule": frozenset({"CourseOffering", "Section", "BellSchedule"}),
    "InterchangeStudent": frozenset({"Student"}),
    "InterchangeContact": frozenset({"Contact", "StudentContactAssociation"}),
    "InterchangeStaffAssociation": frozenset({"Staff", "StaffSectionAssociation"}),
    "InterchangeStudentEnrollment": frozenset({"StudentSchoolAssociation", "StudentSectionAssociation"}),
    "InterchangeStudentAttendance": frozenset(
        {"StudentSchoolAttendanceEvent", "StudentSectionAttendanceEvent"}
    ),
    "InterchangeStudentGradebook": frozenset({"GradebookEntry", "StudentGradebookEntry"}),
    "InterchangeStudentGrade": frozenset({"Grade"}),
    "InterchangeStudentAssessment": frozenset({"StudentAssessment"}),
}
# No real entity has more parts; a file that never closes one would fill the memory.
MOST_PARTS = 20_000
ID = "@id"
REF = "@ref"
Plain = str | dict[str, list["Plain"]]


@dataclass(frozen=True, slots=True)
class Found:
    """Hold one entity as plain text and lists, and the line that it begins on."""

    name: str
    line: int
    plain: Plain

    @property
    def id(self) -> str:
        """Return what the file calls the entity, so that others in it can refer to it."""
        own = self.plain.get(ID) if isinstance(self.plain, dict) else None
        return own[0] if own and isinstance(own[0], str) else ""


class _RefusedFileError(Exception):
    """Stop reading a file that is not what it must be."""

    def __init__(self, text: str, line: int, element: str = "", value: str = "") -> None:
        super().__init__(text)
        self.text, self.line, self.element, self.value = text, line, element, value


def entities(files: FileSet, file: str, report: Report) -> Iterator[Found]:
    """Yield the interchange and the entities of a file; what is wrong with it goes to the report."""
    try:
        with files.open(file) as stream:
            yield from _entities(stream)
    except _RefusedFileError as refused:
        report.error(Problem(refused.text, file, refused.line, refused.element, refused.value))
    except etree.XMLSyntaxError as error:
        # The message repeats the place, which the problem names already.
        what = str(error.msg).partition(", line ")[0].strip()
        report.error(Problem(f"this is not whole XML in UTF-8: {what}", file, error.lineno or 0))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError):
        report.error(Problem("the ZIP is damaged here; export it again", file))


def _entities(stream: IO[bytes]) -> Iterator[Found]:
    wanted: frozenset[str] = frozenset()
    depth = parts = 0
    for event, element in _events(stream):
        if event == "start":
            depth, parts = depth + 1, parts + 1
            if depth == 1:
                wanted = _wanted(element)
                yield Found(_local(element), element.sourceline or 0, {})
            elif parts > MOST_PARTS:
                text = f"this has more than {MOST_PARTS:,} parts"
                raise _RefusedFileError(text, element.sourceline or 0, _local(element))
            continue
        depth -= 1
        if depth == 1:
            if (name := _local(element)) in wanted:
                yield Found(name, element.sourceline or 0, _plain(element))
            _forget(element)
            parts = 0


def _events(stream: IO[bytes]) -> Iterator[tuple[str, etree._Element]]:
    # What the file says of its own encoding is passed over: Ed-Fi is UTF-8, anything else is refused.
    return etree.iterparse(
        stream,
        events=("start", "end"),
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,
    )


def _wanted(root: etree._Element) -> frozenset[str]:
    line = root.sourceline or 0
    if root.getroottree().docinfo.doctype:
        # Before any of it is used: a DTD is where entities are declared that grow or reach out.
        text = "a file with a document type (DTD) is refused; export it without one"
        raise _RefusedFileError(text, line, "DOCTYPE")
    # Not by etree.QName: the parser lets names pass that it refuses, as one with several colons.
    namespace, name = str(root.tag).rpartition("}")[0].removeprefix("{"), _local(root)
    if namespace != NAMESPACE:
        raise _RefusedFileError(_foreign(namespace), line, name, namespace)
    if name not in INTERCHANGES:
        text = f"this interchange is not read; leave the file out. Read are: {', '.join(INTERCHANGES)}"
        raise _RefusedFileError(text, line, name)
    return INTERCHANGES[name]


def _foreign(namespace: str) -> str:
    version = ANY_VERSION.fullmatch(namespace)
    if version is None:
        return f"this is no Ed-Fi interchange; its root must be of the namespace {NAMESPACE}"
    return f"this is Ed-Fi {version[1]}, and only {VERSION} is read; export with Data Standard 5.2"


def _plain(element: etree._Element) -> Plain:
    parts: dict[str, list[Plain]] = {}
    for mark, name in ((ID, "id"), (REF, "ref")):
        if (value := element.get(name)) is not None:
            parts[mark] = [value]
    for child in element.iterchildren(f"{{{NAMESPACE}}}*"):
        parts.setdefault(_local(child), []).append(_plain(child))
    return parts or (element.text or "").strip()


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _forget(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
