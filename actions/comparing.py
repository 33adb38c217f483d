"""Put one term beside another; children are never held against each other."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.also_asked import ANSWERED_BY, EVERYONE, Asked, named_in
from actions.attendance import sentences_of
from actions.base import Event, Words, intent, part
from actions.child_question import ChildQuestion
from actions.grades import grade_of
from portal.core.outcomes import Refused
from portal.records.answers import Attendance, AttendanceKind, GradeLine, Question, TermSpan
from portal.records.compared import AttendanceCompared, CourseCompared, GradesCompared
from portal.transaction import Transaction

GRADES, ATTENDANCE = "action_compare_grades", "action_compare_attendance"
COMPARED_BY = {
    "action_tell_grades": GRADES,
    "action_tell_grades_history": GRADES,
    GRADES: GRADES,
    "action_tell_attendance": ATTENDANCE,
    "action_tell_attendance_history": ATTENDANCE,
    ATTENDANCE: ATTENDANCE,
}
TIMES = frozenset({"term", "against", "date_range"})


class CompareGrades(ChildQuestion[GradesCompared]):
    """Answer with the grades of two terms, course by course."""

    intent = "ask_grades"
    intents = frozenset({"ask_grades", "ask_grades_history"})

    def name(self) -> str:
        """Name the action in the rules."""
        return GRADES

    def steps(self, tracker: Tracker) -> None:
        """Answer "how does that compare" at once: the portal has no page for it."""

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> GradesCompared | Refused:
        """Ask the portal."""
        return tx.records.grades_compared(conversation, question)

    def tell(
        self, dispatcher: CollectingDispatcher, answer: GradesCompared, asked: Asked, today: date
    ) -> str:
        """Count what went up and down, then name each course with both grades."""
        named = {"student": answer.student, "now": answer.now.title}
        if answer.then is None:
            lines = [part("utter_compared_no_term", **named), *_only_now(answer)]
        elif not answer.lines:
            lines = [part("utter_compared_no_grades", then=answer.then.title, **named)]
        else:
            lines = [
                part("utter_compared_grades", then=answer.then.title, **named),
                *_counts(answer.lines),
                *(_course(line, answer.then, answer.now) for line in answer.lines),
                *_open(answer),
            ]
        dispatcher.utter_message(**part("utter_compared", lines=lines), private=True)
        return answer.student


class CompareAttendance(ChildQuestion[AttendanceCompared]):
    """Answer with the absences and times late of two terms or two stretches of days."""

    intent = "ask_attendance"
    intents = frozenset({"ask_attendance", "ask_attendance_history"})

    def name(self) -> str:
        """Name the action in the rules."""
        return ATTENDANCE

    def steps(self, tracker: Tracker) -> None:
        """Answer "how does that compare" at once: the portal has no page for it."""

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> AttendanceCompared | Refused:
        """Ask the portal."""
        return tx.records.attendance_compared(conversation, question)

    def tell(
        self, dispatcher: CollectingDispatcher, answer: AttendanceCompared, asked: Asked, today: date
    ) -> str:
        """Say whether it is more or fewer, then both numbers as they are asked for alone."""
        kind = asked.get("attendance_kind")
        told = [("utter_compared_now", answer.now)]
        if answer.then is None:
            lines = [part("utter_compared_no_time", student=answer.student)]
        else:
            lines = _more_or_fewer(answer, answer.alike or answer.then, kind)
            told.append(("utter_compared_then", answer.then))
        if answer.alike is not None:
            told.append(("utter_compared_alike", answer.alike))
        lines += [part(key, sentences=sentences_of(each, kind, today)) for key, each in told]
        dispatcher.utter_message(**part("utter_compared", lines=lines), private=True)
        return answer.student


class CompareChildren(Action):
    """Tell each child's own grades or attendance, where one child was to be held against another."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_compare_children"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Ask the same question of each child that is named, the one spoken of before included."""
        asked = named_in(tracker)
        asked["students"] = asked.get("students") or _named(tracker) or EVERYONE
        for name in ("student", "compare", "against"):
            asked.pop(name, None)
        dispatcher.utter_message(response="utter_compared_children")
        action = ANSWERED_BY["ask_attendance" if "attendance" in intent(tracker) else "ask_grades"]
        question = {"action": action, "slots": asked}
        return [SlotSet("resume", question), SlotSet("question", question), FollowupAction(action)]


class CompareBefore(Action):
    """Put what was told last beside the time before it: "is that better than last term?"."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_compare_before"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Compare grades or attendance, whichever was told; of the others nothing is compared."""
        question = tracker.get_slot("question") or {}
        action = COMPARED_BY.get(question.get("action") or "")
        if action is None:
            return [FollowupAction("action_default_fallback")]
        kept = {name: value for name, value in question["slots"].items() if name not in TIMES}
        again = {"action": action, "slots": {**kept, **named_in(tracker)}}
        return [SlotSet("resume", None), SlotSet("question", again), FollowupAction(action)]


def _named(tracker: Tracker) -> list[str]:
    found = tracker.latest_message.get("entities") or []
    names = [str(each.get("value")) for each in found if each.get("entity") == "student"]
    before: str | None = tracker.get_slot("student")
    named = list(dict.fromkeys([before, *names] if before and len(names) == 1 else names))
    # "Better than Leo" with nobody spoken of before is about all of them.
    return named if len(named) > 1 else []


def _only_now(answer: GradesCompared) -> list[Words]:
    return [
        part("utter_grade_line", course=line.course, grade=grade_of(line.now))
        for line in answer.lines
        if line.now is not None
    ]


def _counts(lines: Sequence[CourseCompared]) -> list[Words]:
    changes = [line.change for line in lines if line.change is not None]
    if not changes:
        return [part("utter_compared_not_comparable")]
    counted = {
        "higher": sum(each > 0 for each in changes),
        "lower": sum(each < 0 for each in changes),
        "same": sum(each == 0 for each in changes),
    }
    return [part("utter_compared_counts", **counted)]


def _course(line: CourseCompared, then: TermSpan, now: TermSpan) -> Words:
    both = {"before": _grade(line.then, then), "after": _grade(line.now, now)}
    return part("utter_compared_course", course=line.course, change=_change(line.change), **both)


def _grade(line: GradeLine | None, term: TermSpan) -> Words:
    if line is None:
        return part("utter_compared_no_grade", term=term.title)
    return part("utter_compared_grade", grade=grade_of(line), term=term.title)


def _change(change: Decimal | None) -> Words | str:
    if change is None:
        return ""
    key = "higher" if change > 0 else "lower" if change < 0 else "same"
    return part(f"utter_compared_{key}")


def _open(answer: GradesCompared) -> list[Words]:
    """Say where one of the grades can still change: a term so far is not a term."""
    is_open = any(line.now is not None and not line.now.final for line in answer.lines)
    return [part("utter_compared_open", term=answer.now.title)] if is_open else []


def _more_or_fewer(answer: AttendanceCompared, then: Attendance, kind: str | None) -> list[Words]:
    now, alike = answer.now, part("utter_compared_in_as_long") if answer.alike else ""
    pairs = {
        "absences": (_absences(now, kind), _absences(then, kind)),
        "tardies": (now.tardies, then.tardies),
    }
    if kind is not None:
        pairs.pop("absences" if kind == AttendanceKind.TARDY else "tardies")
    return [
        part(f"utter_compared_{_direction(after, before)}_{name}", now=after, then=before, alike=alike)
        for name, (after, before) in pairs.items()
    ]


def _absences(answer: Attendance, kind: str | None) -> int:
    match kind:
        case AttendanceKind.EXCUSED:
            return answer.excused
        case AttendanceKind.UNEXCUSED:
            return answer.unexcused
        case _:
            return answer.absences


def _direction(after: int, before: int) -> str:
    return "more" if after > before else "fewer" if after < before else "same"
