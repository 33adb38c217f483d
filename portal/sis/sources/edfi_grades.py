"""Read the grades of an Ed-Fi set and the grading periods that they are given for."""

from collections.abc import Iterator

from portal.sis.source import Record, TermGradeRecord, TermRecord
from portal.sis.sources.edfi_element import Element
from portal.sis.sources.edfi_places import WITHIN, session_of_section, year_id, year_of
from portal.sis.sources.edfi_set import EdFiSet
from portal.sis.sources.table import LONG

ASSOCIATION = "StudentSectionAssociationReference"
PERIOD, SEMESTER, YEAR = "Grading Period", "Semester", "Final"
# Exams, conduct and reports on the way are grades of no term.
READ = frozenset({PERIOD, SEMESTER, YEAR})


def grading_period(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield a grading period as a term, but only where something is graded in it."""
    if not held.has("Grade"):
        return
    start, end = at.sure_day("BeginDate"), at.sure_day("EndDate")
    if end < start:
        at.wrong("EndDate", "the grading period ends before it begins", at.raw("EndDate"))
    key, year = held.key("GradingPeriod", at), at.key("SchoolYear")
    around = next((session for session, _ in held.noted(WITHIN, key)), year_id(year))
    title = at.text("GradingPeriodName", required=True)
    yield TermRecord(at.origin, key, title, "gradingPeriod", start, end, around, year_of(year))


def grade(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield a grade of a grading period, a semester or a year."""
    kind = at.code("GradeType", required=True)
    association = at.first(f"{ASSOCIATION}/StudentSectionAssociationIdentity")
    if association is None:
        at.wrong(ASSOCIATION, "this reference must hold a StudentSectionAssociationIdentity")
        return
    if kind not in READ:
        return
    section = held.referred(association, "Section")
    yield TermGradeRecord(
        at.origin,
        student=held.referred(association, "Student"),
        section=section,
        term=_term(at, held, kind, section),
        letter=_told(at),
        percent=None,
        final=kind != PERIOD or at.flag("CurrentGradeIndicator") is False,
        comment=at.text("DiagnosticStatement", longest=LONG),
    )


def _term(at: Element, held: EdFiSet, kind: str, section: str) -> str:
    if kind == SEMESTER:
        return session_of_section(held, section)
    year = at.key("GradingPeriodReference/GradingPeriodIdentity/SchoolYear") if kind == YEAR else ""
    return year_id(year) if year else held.referred(at, "GradingPeriod")


def _told(at: Element) -> str:
    # A numeric grade need not be a percentage, so it is told as it was written.
    parts = (at.text("LetterGradeEarned"), at.raw("NumericGradeEarned"))
    return ", ".join(part for part in parts if part)
