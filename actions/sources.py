"""Show what lies behind an answer: the records it was made of, and when the school brought them in."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.also_asked import ANSWERED_BY, Asked, named_in
from actions.assignments import work_lines
from actions.attendance import day_lines
from actions.base import Event, PortalAction, Words, intent, part, set_slots
from actions.charts import Shown
from actions.child_question import ChildQuestion, with_child
from actions.conversation import TURNED_ON
from actions.grades import grade_of, is_graded
from actions.places import facts
from actions.refusals import refusal
from actions.school_life_balance import entry_lines
from actions.sessions import ask_to_sign_in, needs_session
from portal.core.districts import District
from portal.core.outcomes import Refused
from portal.records.answers import Attendance, GradeLine, Grades, Question, TermSpan
from portal.records.charted import AttendanceCalendar, CourseTrend, GradeTrend
from portal.records.school_life import Balance
from portal.records.school_work import Assignments, AttendanceHistory, Work
from portal.sis.outcomes import LastImport
from portal.transaction import Portal, Transaction

# The scores of so many courses are read at once; of more, each course only says where its grade is from.
MOST_COURSES = 1
CHILD = frozenset({"student", "students", "relative"})


@dataclass(frozen=True, slots=True)
class Behind:
    """Hold an answer with the scores of the courses that it is about."""

    asked: Asked
    answer: Any
    scores: tuple[Assignments, ...] = ()


class TellSource(PortalAction):
    """Answer "where does that come from?" about the last question, or about the one that is asked."""

    def __init__(
        self, portal: Portal, threads: Executor, questions: Mapping[str, ChildQuestion[Any]]
    ) -> None:
        """Take also the questions about children, by the names of their actions."""
        super().__init__(portal, threads)
        self._questions = questions

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_source"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Look everything up anew: what may be seen is what may be seen now."""
        action, asked = self._about(tracker)
        question = self._questions.get(action)
        if question is None:
            dispatcher.utter_message(response="utter_source_of_what")
            return []
        district = await self.district(tracker)
        if question.intent in TURNED_ON and not TURNED_ON[question.intent](district.options):
            dispatcher.utter_message(response=f"utter_off_{question.intent}", **facts(district))
            return []
        found, imported = await self.ask(
            lambda tx: (_behind(tx, tracker, question, asked), _imported(tx, tracker))
        )
        for each in found:
            if isinstance(each.answer, Refused):
                return self._refuse(dispatcher, tracker, district, question, each)
        lines = [line for each in found for line in _lines(each)]
        dispatcher.utter_message(**part("utter_source", lines=[*lines, _as_of(imported)]), private=True)
        about = {each.answer.student for each in found} - {""}
        kept = about.pop() if len(about) == 1 else tracker.get_slot("student")
        return set_slots({"student": kept, "question": {"action": action, "slots": asked}, "resume": None})

    def _about(self, tracker: Tracker) -> tuple[str, Asked]:
        """Return the question that is asked about: the one in the message, or the one before."""
        resume, before = tracker.get_slot("resume") or {}, tracker.get_slot("question") or {}
        if resume.get("action") == self.name():
            before = (resume.get("slots") or {}).get("question") or {}
        elif intent(tracker) in ANSWERED_BY:
            action = ANSWERED_BY[intent(tracker)]
            return action, with_child(named_in(tracker), tracker)
        return before.get("action") or "", dict(before.get("slots") or {})

    def _refuse(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        district: District,
        question: ChildQuestion[Any],
        found: Behind,
    ) -> list[Event]:
        if needs_session(found.answer):
            asked = {name: value for name, value in found.asked.items() if name not in CHILD}
            # The child was named in a session that is over, maybe by somebody else.
            kept = {"question": {"action": question.name(), "slots": asked}}
            resume = {"action": self.name(), "slots": kept}
            return ask_to_sign_in(dispatcher, tracker, district, found.answer, resume)
        words, buttons = refusal(found.answer, found.asked, question.intent)
        dispatcher.utter_message(**words, buttons=buttons, private=True, **facts(district))
        return []


def _behind(tx: Transaction, tracker: Tracker, question: ChildQuestion[Any], asked: Asked) -> list[Behind]:
    found = question.find_again(tx, tracker, asked)
    return [Behind(one, answer, _scores(tx, tracker.sender_id, answer)) for one, answer in found]


def _scores(tx: Transaction, conversation: str, answer: Any) -> tuple[Assignments, ...]:
    """Return the scores behind the grade of a course."""
    if not isinstance(answer, Grades) or len(answer.lines) > MOST_COURSES:
        return ()
    asked = [
        Question(
            student=answer.student,
            course=line.course,
            since=answer.term.since,
            until=answer.term.until,
            work=Work.SCORES.value,
        )
        for line in answer.lines
    ]
    found = [tx.records.assignments(conversation, each) for each in asked]
    return tuple(each for each in found if isinstance(each, Assignments))


def _imported(tx: Transaction, tracker: Tracker) -> LastImport | None:
    family = tx.records.of(tracker.sender_id)
    return None if isinstance(family, Refused) else family.imported()


def _as_of(imported: LastImport | None) -> Words:
    if imported is None:
        return part("utter_source_no_import")
    return part("utter_source_as_of", at={"datetime": imported.at.isoformat()})


def _lines(found: Behind) -> list[Words]:
    match found.answer:
        case Grades() as answer:
            return [*_grades(answer), *(line for scores in found.scores for line in _of_course(scores))]
        case Attendance() as answer:
            return _attendance(answer)
        case AttendanceHistory(whole=whole) | Shown(AttendanceCalendar(attendance=whole)):
            return _attendance(whole)
        case Shown(GradeTrend() as trend) if trend.changes:
            return [_course(each) for each in trend.courses]
        case Balance(entries=entries) as answer if entries:
            return [part("utter_source_balance", student=answer.student), *entry_lines(answer)]
        case answer:
            return [part("utter_source_lines")]


def _grades(answer: Grades) -> list[Words]:
    if not answer.lines:
        return [part("utter_source_no_grades", student=answer.student, term=answer.term.title)]
    return [_grade(line, answer.term) for line in answer.lines]


def _grade(line: GradeLine, term: TermSpan) -> Words:
    key = "utter_source_grade" if is_graded(line) else "utter_source_so_far"
    return part(key, course=line.course, grade=grade_of(line), term=term.title)


def _course(trend: CourseTrend) -> Words:
    percents = [{"percent": str(point.percent)} for point in trend.points]
    first, last = trend.points[0].term.title, trend.points[-1].term.title
    return part("utter_source_trend", course=trend.course, percents=percents, first=first, last=last)


def _of_course(scores: Assignments) -> Sequence[Words]:
    if not scores.lines:
        return [part("utter_source_no_scores", course=scores.course)]
    heading = part("utter_source_scores", course=scores.course, student=scores.student)
    return [heading, *work_lines(scores.lines, scores.course)]


def _attendance(answer: Attendance) -> list[Words]:
    if not answer.days:
        return [part("utter_source_no_days", student=answer.student)]
    return [part("utter_source_days", student=answer.student), *day_lines(answer.days, answer)]
