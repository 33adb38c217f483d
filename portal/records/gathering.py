"""Gather what a regular mail tells of a child, and tell whether any of it is new."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from portal.core.keys import Keys
from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.family import Family
from portal.records.notifications import Digest, Frequency, Subject
from portal.records.periods import days_of
from portal.records.school_work import AssignmentLine, AssignmentState

AnswerT = TypeVar("AnswerT")
SCORED = frozenset({AssignmentState.SCORED, AssignmentState.PARTLY})
ABOUT_ATTENDANCE = frozenset({Subject.GRADES, Subject.ATTENDANCE})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Say what is to be gathered of which child (its tab), from which day on."""

    student: str
    subjects: tuple[Subject, ...]
    frequency: Frequency | None
    since: date


class Gathering:
    """Ask a family's questions once for the subjects of one mail."""

    def __init__(self, family: Family, wanted: Wanted) -> None:
        """Take who reads it and what they chose."""
        self._family = family
        self._wanted = wanted
        self._now = Question(student=wanted.student)
        self._since = Question(student=wanted.student, since=wanted.since, until=family.today())

    def digest(self) -> Digest:
        """Return what there is to tell."""
        subjects, family = self._wanted.subjects, self._family
        attendance = _answer(family.attendance(self._now)) if ABOUT_ATTENDANCE & {*subjects} else None
        work = self._work()
        return Digest(
            student=self._wanted.student,
            subjects=subjects,
            frequency=self._wanted.frequency,
            since=self._wanted.since,
            today=family.today(),
            grades=_answer(family.grades(self._now)) if Subject.GRADES in subjects else None,
            attendance=attendance,
            scored=tuple(line for line in work if line.state in SCORED),
            missing=tuple(line for line in work if line.state is AssignmentState.MISSING),
            coming=self._coming(work),
            missed=attendance.days if attendance and Subject.ATTENDANCE in subjects else (),
            bulletin=_answer(family.school_bulletin(self._since)) if Subject.BULLETIN in subjects else None,
            balance=_answer(family.balance(self._since)) if Subject.BALANCE in subjects else None,
        )

    def _work(self) -> Sequence[AssignmentLine]:
        if Subject.ASSIGNMENTS not in self._wanted.subjects:
            return ()
        found = _answer(self._family.assignments(self._now))
        return found.lines if found else ()

    def _coming(self, work: Sequence[AssignmentLine]) -> tuple[AssignmentLine, ...]:
        until = self._family.today() + days_of(self._wanted.frequency)
        due = [line for line in work if line.state is AssignmentState.DUE]
        return tuple(line for line in due if line.due is not None and line.due <= until)


def mark_of(digest: Digest, keys: Keys) -> bytes:
    """Return a keyed hash of all that stands in the records, which changes when there is news.

    What only the calendar changes (a day that is past, work that comes nearer) is no news.
    """
    bulletin, balance = digest.bulletin, digest.balance
    notices = (*bulletin.notices, *bulletin.older)[:1] if bulletin else ()
    sums = tuple((each.account, each.balance) for each in balance.accounts) if balance else ()
    days = digest.attendance.days if digest.attendance else ()
    lines = (digest.grades.term.title, digest.grades.lines) if digest.grades else ()
    work = tuple(
        (line.title, line.course, line.score, line.text) for line in (*digest.scored, *digest.missing)
    )
    told = (digest.subjects, lines, days, work, notices, sums)
    return keys.mac("notification told", *map(repr, told))


def since_only(digest: Digest) -> Digest:
    """Return the digest with what was recorded before its first day left out of the lists."""
    since = digest.since
    return replace(
        digest,
        scored=tuple(line for line in digest.scored if (line.day or line.due or since) >= since),
        missed=tuple(day for day in digest.missed if day.date >= since),
    )


def _answer(answer: AnswerT | Refused) -> AnswerT | None:
    # No term, no school: there is nothing to tell of, and the mail says so.
    return None if isinstance(answer, Refused) else answer
