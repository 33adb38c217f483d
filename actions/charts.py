"""Show what one would rather look at: how the grades went, and attendance as a calendar."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Generic, TypeVar

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.also_asked import Asked
from actions.attendance import sentences_of
from actions.base import Event, Words, entity, part
from actions.chart_buttons import CALENDAR, CHART, DRAWN_OF, OF_CLASSES, PICTURE, attended
from actions.child_question import AboutChild, ChildQuestion, question_of
from actions.refusals import button
from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.charted import AttendanceCalendar, CourseTrend, GradePoint, GradeTrend
from portal.records.files import FileKind, as_asked
from portal.transaction import Transaction

# Asked after one of these, a picture is one of attendance.
ABOUT_ATTENDANCE = frozenset(
    {"action_tell_attendance", "action_tell_attendance_history", "action_draw_attendance_calendar"}
)
# How the grades went is asked of all the terms, and only a range of days narrows it.
KEPT_OF_GRADES = tuple(name for name in DRAWN_OF if name not in ("term", "date_range"))


DrawnT = TypeVar("DrawnT", bound=AboutChild)


@dataclass(frozen=True, slots=True)
class Shown(Generic[DrawnT]):
    """Hold what is shown, and where the picture of it is; "" where there is nothing to be drawn."""

    answer: DrawnT
    path: str = ""

    @property
    def student(self) -> str:
        """Return the label of the child's tab."""
        return self.answer.student


class Drawing(ChildQuestion[Shown[DrawnT]], Generic[DrawnT]):
    """Answer with a picture, which is drawn when it is opened, from what the parent may see then."""

    kind: FileKind
    picture: str

    def is_drawn(self, answer: DrawnT) -> bool:
        """Tell whether there is something to be seen."""
        return True

    def _find(self, tx: Transaction, tracker: Tracker, asked: Asked) -> Shown[DrawnT] | Refused:
        found = super()._find(tx, tracker, asked)
        if isinstance(found, Refused) or not self.is_drawn(found.answer):
            return found
        question = replace(question_of(asked), student=found.student)
        language = tracker.get_slot("language") or "en"
        path = tx.files.offer(tracker.sender_id, self.kind, **as_asked(question), language=language)
        return path if isinstance(path, Refused) else replace(found, path=path)

    def _asked_now(self, tracker: Tracker) -> Asked:
        # Buttons that put the question right must ask for the picture again.
        return {**super()._asked_now(tracker), PICTURE: self.picture}

    def _goes_on(self, tracker: Tracker) -> bool:
        # "Show me a chart" is about what was asked before, course and child.
        about_before = entity(tracker, PICTURE) == "same" or bool(entity(tracker, "viewing"))
        question = tracker.get_slot("question") or {}
        return super()._goes_on(tracker) or (about_before and question.get("action") == self.name())


class DrawGradeTrend(Drawing[GradeTrend]):
    """Show how the grades of each course went from term to term."""

    kind = FileKind.GRADE_TREND
    picture = CHART
    intent = "ask_grades_history"
    intents = frozenset({"ask_grades", "ask_grades_history", "nlu_fallback"})

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_draw_grade_trend"

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> Shown[GradeTrend] | Refused:
        """Ask the portal."""
        trend = tx.records.grade_trend(conversation, question)
        return trend if isinstance(trend, Refused) else Shown(trend)

    def is_drawn(self, answer: GradeTrend) -> bool:
        """Tell whether a course has the percents of two terms."""
        return answer.changes

    def tell(
        self, dispatcher: CollectingDispatcher, answer: Shown[GradeTrend], asked: Asked, today: date
    ) -> str:
        """Show the chart with its numbers in words, or say why there is none."""
        trend, path = answer.answer, answer.path
        words = _trend(trend) if path else _no_trend(trend)
        picture: Words = {"image": path, "image_alt": _trend_alt(trend)} if path else {}
        buttons = [] if path else [_grades_button(asked, trend.student)]
        dispatcher.utter_message(**words, **picture, buttons=buttons, private=True)
        return trend.student


class DrawAttendanceCalendar(Drawing[AttendanceCalendar]):
    """Show the attendance of a term as a calendar."""

    kind = FileKind.ATTENDANCE_CALENDAR
    picture = CALENDAR
    intent = "ask_attendance"
    intents = frozenset({"ask_attendance", "ask_attendance_history", "nlu_fallback"})

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_draw_attendance_calendar"

    def look_up(
        self, tx: Transaction, conversation: str, question: Question
    ) -> Shown[AttendanceCalendar] | Refused:
        """Ask the portal."""
        found = tx.records.attendance_calendar(conversation, question)
        return found if isinstance(found, Refused) else Shown(found)

    def tell(
        self, dispatcher: CollectingDispatcher, answer: Shown[AttendanceCalendar], asked: Asked, today: date
    ) -> str:
        """Show the calendar with its numbers in words."""
        sentences = sentences_of(answer.answer.attendance, None, today)
        dispatcher.utter_message(
            **part("utter_attendance_calendar", student=answer.student),
            image=answer.path,
            image_alt=part("utter_calendar_alt", student=answer.student, sentences=sentences),
            private=True,
        )
        return answer.student

    def keeps(self, asked: Asked) -> dict[str, Any]:
        """Keep what another calendar of it would be about."""
        return attended(asked)


class DrawDays(Action):
    """Show the attendance that was spoken of as a calendar, also where something else came in between."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_draw_days"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Go on with the days that were told, of the child that is spoken of now."""
        slots = dict(tracker.get_slot("attended") or {})
        if tracker.get_slot("student") and "students" not in slots:
            slots["student"] = tracker.get_slot("student")
        action = "action_draw_attendance_calendar"
        return [SlotSet("question", {"action": action, "slots": slots}), FollowupAction(action)]


class Draw(Action):
    """Show the last question's answer as a picture, whichever picture that is."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_draw"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Go on with the child and the course that were spoken of."""
        before = tracker.get_slot("question") or {}
        attends = before.get("action") in ABOUT_ATTENDANCE
        action = "action_draw_attendance_calendar" if attends else "action_draw_grade_trend"
        names = DRAWN_OF if attends else KEPT_OF_GRADES
        kept = {name: value for name, value in (before.get("slots") or {}).items() if name in names}
        return [SlotSet("question", {"action": action, "slots": kept}), FollowupAction(action)]


def _trend(trend: GradeTrend) -> Words:
    is_open = any(not point.final for each in trend.courses for point in each.points)
    return part("utter_grade_trend", note=part("utter_trend_open") if is_open else "", **_named(trend))


def _trend_alt(trend: GradeTrend) -> Words:
    return part("utter_trend_alt", courses=_courses(trend), **_named(trend))


def _named(trend: GradeTrend) -> Words:
    return {"student": trend.student, "course": _in_course(trend.course)}


def _grades_button(asked: Asked, student: str) -> Words:
    kept = {name: value for name, value in asked.items() if name in OF_CLASSES}
    return button(part("utter_button_current_grades"), "ask_grades", {**kept, "student": student})


def _no_trend(trend: GradeTrend) -> Words:
    if any(each.points for each in trend.courses):
        return part("utter_trend_too_short", **_named(trend))
    return part("utter_trend_letters" if trend.has_letters else "utter_trend_nothing", **_named(trend))


def _in_course(course: str) -> Words | str:
    return part("utter_work_in_course", course=course) if course else ""


def _courses(trend: GradeTrend) -> list[Words]:
    """Word each course: every term of a single one, the first and the last of several."""
    courses = [each for each in trend.courses if each.points]
    terms = Counter(term.title for term in {point.term for each in courses for point in each.points})
    repeated = frozenset(title for title, count in terms.items() if count > 1)
    if len(courses) == 1:
        return [_course(courses[0], courses[0].points, repeated)]
    return [
        _course(each, tuple(dict.fromkeys((each.points[0], each.points[-1]))), repeated) for each in courses
    ]


def _course(course: CourseTrend, points: Sequence[GradePoint], repeated: Collection[str]) -> Words:
    match [_point(point, repeated) for point in points]:
        case [only]:
            return part("utter_trend_only", course=course.course, first=only)
        case [first, last]:
            return part("utter_trend_from_to", course=course.course, first=first, last=last)
        case told:
            return part("utter_trend_points", course=course.course, points=told)


def _point(point: GradePoint, repeated: Collection[str]) -> Words:
    key = "utter_trend_point" if point.final else "utter_trend_point_open"
    title: Words | str = point.term.title
    if point.term.title in repeated:
        title = part("utter_trend_term", term=title, year=point.term.since.year)
    return part(key, percent={"percent": str(point.percent)}, term=title)
