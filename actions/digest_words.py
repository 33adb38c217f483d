"""Word what a regular mail tells; a chat that may tell the same says it in the same words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from actions.assignments import work_lines
from actions.attendance import day_lines
from actions.base import Words, part
from actions.grades import finality_of, grade_line, is_graded
from actions.school_life_balance import account_lines, entry_lines
from actions.school_life_school import notice_lines
from portal.records.answers import Attendance, Grades
from portal.records.notifications import Digest, Subject


@dataclass(frozen=True, slots=True)
class Section:
    """Hold a heading and the lines below it; a `note` is a sentence after them."""

    heading: Words
    lines: tuple[Words, ...]
    note: Words | None = None


def sections_of(digest: Digest) -> list[Section]:
    """Return the sections of the chosen subjects, each short enough to be read at breakfast."""
    return [section for subject in digest.subjects for section in _OF_SUBJECT[subject](digest)]


def digest_lines(digest: Digest) -> list[Words]:
    """Return the sections one below the other, as a chat shows them."""
    lines: list[Words] = []
    for section in sections_of(digest):
        lines += [part("utter_news_digest_heading", heading=section.heading), *section.lines]
    return lines


def _grades(digest: Digest) -> list[Section]:
    grades, attendance = digest.grades, digest.attendance
    sections = [_grades_of(grades) if grades else _empty("utter_digest_grades_none")]
    return sections if attendance is None else [*sections, _sums(attendance)]


def _grades_of(grades: Grades) -> Section:
    heading = part("utter_digest_grades", term=grades.term.title)
    if not grades.lines:
        return Section(heading, (part("utter_digest_nothing_entered"),))
    is_mixed = len({line.final for line in grades.lines if is_graded(line)}) > 1
    lines = tuple(grade_line(line, mixed=is_mixed) for line in grades.lines)
    return Section(heading, lines, None if is_mixed else next(iter(finality_of(grades.lines)), None))


def _sums(attendance: Attendance) -> Section:
    term = part("utter_digest_term", term=attendance.term.title) if attendance.term else ""
    lines = [
        part("utter_digest_absences", count=attendance.absences),
        part("utter_digest_tardies", count=attendance.tardies),
    ]
    if attendance.class_absences:
        lines.insert(1, part("utter_digest_class_absences", count=attendance.class_absences))
    return Section(part("utter_digest_attendance", term=term), tuple(lines))


def _assignments(digest: Digest) -> list[Section]:
    scored = work_lines(digest.scored) or [part("utter_digest_nothing_entered")]
    sections = [Section(part("utter_digest_scores", since=_day(digest.since)), tuple(scored))]
    for key, lines in (("missing", digest.missing), ("coming", digest.coming)):
        if lines:
            sections.append(Section(part(f"utter_digest_{key}"), tuple(work_lines(lines))))
    return sections


def _attendance(digest: Digest) -> list[Section]:
    heading = part("utter_digest_days", since=_day(digest.since))
    days = day_lines(digest.missed, digest.attendance) if digest.attendance else []
    return [Section(heading, tuple(days or [part("utter_digest_no_days")]))]


def _bulletin(digest: Digest) -> list[Section]:
    heading = part("utter_digest_bulletin", since=_day(digest.since))
    notices = notice_lines(digest.bulletin.notices) if digest.bulletin else []
    return [Section(heading, tuple(notices or [part("utter_digest_no_notices")]))]


def _balance(digest: Digest) -> list[Section]:
    if digest.balance is None:
        return []
    lines = [part("utter_digest_line", line=line) for line in account_lines(digest.balance)]
    return [Section(part("utter_digest_balance"), (*lines, *entry_lines(digest.balance)))]


def _empty(key: str) -> Section:
    return Section(part(key), (part("utter_digest_nothing_entered"),))


def _day(day: date) -> dict[str, str]:
    return {"date": day.isoformat()}


_OF_SUBJECT: Mapping[Subject, Callable[[Digest], list[Section]]] = {
    Subject.GRADES: _grades,
    Subject.ASSIGNMENTS: _assignments,
    Subject.ATTENDANCE: _attendance,
    Subject.BULLETIN: _bulletin,
    Subject.BALANCE: _balance,
}
