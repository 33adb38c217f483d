"""Tell the whole attendance of a term, month by month."""

from datetime import date
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.also_asked import Asked
from actions.attendance import day_words, is_asked, sentences_of
from actions.base import Words, part
from actions.chart_buttons import attended, calendar_buttons
from actions.child_question import ChildQuestion
from portal.core.outcomes import Refused
from portal.records.answers import Attendance, Question
from portal.records.school_work import AttendanceHistory
from portal.transaction import Transaction


class TellAttendanceHistory(ChildQuestion[AttendanceHistory]):
    """Answer with every day on which anything is recorded."""

    intent = "ask_attendance_history"
    intents = frozenset({"ask_attendance_history"})

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_attendance_history"

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> AttendanceHistory | Refused:
        """Ask the portal."""
        return tx.records.attendance_history(conversation, question)

    def tell(
        self, dispatcher: CollectingDispatcher, answer: AttendanceHistory, asked: Asked, today: date
    ) -> str:
        """Say the numbers first, then the days of each month."""
        kind = asked.get("attendance_kind")
        sentences = sentences_of(answer.whole, kind, today)
        asked_of = [month for month in answer.months if any(is_asked(day, kind) for day in month.days)]
        headed = len(asked_of) > 1
        days = [words for month in asked_of for words in _month(month, kind, headed=headed)]
        if days:
            words = part("utter_attendance_with_days", sentences=sentences, days=days)
        else:
            words = part("utter_attendance", sentences=sentences)
        dispatcher.utter_message(**words, buttons=calendar_buttons(asked, answer.whole), private=True)
        return answer.student

    def keeps(self, asked: Asked) -> dict[str, Any]:
        """Keep what a calendar of it would be about."""
        return attended(asked)


def _month(month: Attendance, kind: str | None, *, headed: bool) -> list[Words]:
    days = [day_words(day, month) for day in month.days if is_asked(day, kind)]
    return [part("utter_month", month={"month": month.since.isoformat()}), *days] if headed else days
