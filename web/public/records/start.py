"""Show the Start Page: today's classes, what is missing, the grades at a glance."""

from dataclasses import replace
from typing import Any, TypeVar

from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.family import Family
from portal.records.school_work import Work
from web.public.linking import links_by_access_id
from web.public.records.record_page import Answer, RecordPage
from web.public.visits import Visit

AnswerT = TypeVar("AnswerT")


class StartPage(RecordPage):
    """Welcome the parent with what matters of one child today (R72)."""

    name = "start"
    template = "records/start.html"

    def look_up(self, family: Family, question: Question) -> Answer | Refused:
        """Ask for today, for what is missing, and for the grades and the attendance of the term."""
        child = family.child(question.student)
        if isinstance(child, Refused):
            return child
        today = family.today()
        schedule = family.schedule(replace(question, since=today, until=today))
        return {
            "today": today,
            "schedule": _or_none(schedule),
            # Where the day is free, the next class is the nearest thing to tell.
            "coming": _or_none(family.schedule(replace(question, moment="next"))),
            "missing": _or_none(family.assignments(replace(question, work=Work.MISSING))),
            "grades": _or_none(family.grades(question)),
            "attendance": _or_none(family.attendance(question)),
        }

    def values(self, visit: Visit) -> dict[str, Any]:
        """Return whether the school links students, and not their parents."""
        return {"by_school": not links_by_access_id(visit.district.options)}


def _or_none(answer: AnswerT | Refused) -> AnswerT | None:
    """Return an answer; a school without terms still has classes, so each part stands for itself."""
    return None if isinstance(answer, Refused) else answer
