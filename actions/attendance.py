"""Tell how often a child was absent or late, starting with the number."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.also_asked import Asked
from actions.base import Words, part
from actions.chart_buttons import attended, calendar_buttons
from actions.child_question import ChildQuestion
from actions.refusals import not_begun
from portal.core.outcomes import Refused
from portal.records.answers import Attendance, AttendanceDay, AttendanceKind, Question
from portal.transaction import Transaction

# As many dates as a parent reads in a chat; older ones are counted.
MOST_DAYS = 12
# Asked for alone, like "how many unexcused absences".
_SPLIT = frozenset({AttendanceKind.EXCUSED, AttendanceKind.UNEXCUSED})


class TellAttendance(ChildQuestion[Attendance]):
    """Answer with absences, times late and their dates."""

    intent = "ask_attendance"
    # A number asked for is a number, also of the past.
    intents = frozenset({"ask_attendance", "ask_attendance_history"})

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_attendance"

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> Attendance | Refused:
        """Ask the portal."""
        return tx.records.attendance(conversation, question)

    def tell(self, dispatcher: CollectingDispatcher, answer: Attendance, asked: Asked, today: date) -> str:
        """Say the number first, then what it is made of."""
        if answer.since > today and not answer.days:
            words = not_begun(answer.student, answer.term, answer.since, self.intent)
            dispatcher.utter_message(**words, private=True)
            return answer.student
        kind = asked.get("attendance_kind")
        sentences = sentences_of(answer, kind, today)
        days = _days(answer, kind)
        if days:
            words = part("utter_attendance_with_days", sentences=sentences, days=days)
        else:
            words = part("utter_attendance", sentences=sentences)
        dispatcher.utter_message(**words, buttons=calendar_buttons(asked, answer), private=True)
        return answer.student

    def keeps(self, asked: Asked) -> dict[str, Any]:
        """Keep what a calendar of it would be about."""
        return attended(asked)


def sentences_of(answer: Attendance, kind: str | None, today: date) -> list[Words]:
    """Word the numbers, without the days."""
    if kind in _SPLIT:
        return _split_only(answer, kind, today)
    if _is_one_day(answer) and not (answer.days or kind):
        return [part("utter_present", student=answer.student, range=_range(answer, today))]
    sentences = []
    if kind != "tardy":
        sentences += _absences(answer, today)
    if kind != "absent" and (kind or answer.tardies or not _is_one_day(answer)):
        sentences.append(_counted("utter_tardy", answer.tardies, answer, today))
    return sentences


def _split_only(answer: Attendance, kind: str, today: date) -> list[Words]:
    """Count the excused or the unexcused absences alone, those from single classes apart."""
    count = answer.excused if kind == AttendanceKind.EXCUSED else answer.unexcused
    sentences = [_counted(f"utter_{kind}", count, answer, today)]
    single = sum(bool(day.course) for day in answer.days if day.kind == kind)
    if single and not _of_class(answer):
        sentences.append(part("utter_class_absences", count=single))
    return sentences


def _is_one_day(answer: Attendance) -> bool:
    return answer.term is None and answer.since == answer.until and not _of_class(answer)


def _absences(answer: Attendance, today: date) -> list[Words]:
    words = _counted("utter_absent", answer.absences, answer, today)
    sentences = [{**words, "split": _split(answer)}]
    if _of_class(answer):
        # Whoever is away all day misses the class, too; the school records it for the day only.
        whole = part("utter_whole_days", count=answer.whole_days, student=answer.student)
        return [*sentences, whole] if answer.whole_days else sentences
    if answer.class_absences:
        sentences.append(part("utter_class_absences", count=answer.class_absences))
    if answer.partial:
        sentences.append(part("utter_partial", count=answer.partial, student=answer.student))
    return sentences


def _split(answer: Attendance) -> Words:
    if not answer.unexcused:
        return part("utter_split_excused")
    if not answer.excused:
        return part("utter_split_unexcused")
    return part("utter_split_both", excused=answer.excused, unexcused=answer.unexcused)


def _counted(key: str, count: int, answer: Attendance, today: date) -> Words:
    named = {"student": answer.student, "range": _range(answer, today)}
    if _of_class(answer):
        return part(f"{key}_class", count=count, course=_class(answer), **named)
    if _is_one_day(answer):
        return part(f"{key}_on", count=count, **named)
    whole = "utter_absent_days" if key == "utter_absent" else key
    return part(whole, count=count, **named)


def _of_class(answer: Attendance) -> bool:
    return bool(answer.course or answer.period)


def _class(answer: Attendance) -> Words:
    if not answer.period:
        return part("utter_class_course", course=answer.course)
    if not answer.course:
        return part("utter_class_period", period=answer.period)
    return part("utter_class_course_and_period", course=answer.course, period=answer.period)


def _range(answer: Attendance, today: date) -> Words:
    # Nothing can be recorded of days to come, so none is claimed.
    last = max(answer.since, min(answer.until, today))
    since, until = ({"date": each.isoformat()} for each in (answer.since, last))
    if answer.term is None:
        key = "utter_range_day" if answer.since == last else "utter_range_days"
        return part(key, since=since, until=until)
    key = "utter_range_term_so_far" if answer.until >= today else "utter_range_term"
    return part(key, term=answer.term.title, since=since, until=until)


def _days(answer: Attendance, kind: str | None) -> list[Words]:
    return day_lines([day for day in answer.days if is_asked(day, kind)], answer)


def day_lines(days: Sequence[AttendanceDay], answer: Attendance) -> list[Words]:
    """Word as many days as a parent reads at once, the last ones."""
    days = sorted(days, key=lambda day: day.date)
    shown = [day_words(day, answer) for day in days[-MOST_DAYS:]]
    earlier = len(days) - len(shown)
    return [part("utter_days_earlier", count=earlier), *shown] if earlier else shown


def is_asked(day: AttendanceDay, kind: str | None) -> bool:
    """Tell whether a day is of the kind that was asked for; None asks for all."""
    if kind in _SPLIT:
        return day.kind == kind
    tardy = day.kind is AttendanceKind.TARDY
    return kind is None or (tardy if kind == "tardy" else not tardy)


def day_words(day: AttendanceDay, answer: Attendance) -> Words:
    """Word one day as a line."""
    named = day.course and not _of_class(answer)
    course = "utter_day_for_course" if day.kind is AttendanceKind.TARDY else "utter_day_from_course"
    arrival = {"time": day.arrival}
    return part(
        f"utter_day_{day.kind.value}",
        date={"date": day.date.isoformat(), "style": "medium"},
        course=part(course, course=day.course) if named else "",
        reason=part("utter_day_reason", reason=day.reason) if day.reason else "",
        arrival=part("utter_day_arrival", arrival=arrival) if day.arrival else "",
    )
