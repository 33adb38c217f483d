"""Tell what teachers wrote, word for word."""

from collections.abc import Sequence
from datetime import date

from rasa_sdk.executor import CollectingDispatcher

from actions.also_asked import Asked
from actions.base import Words, part
from actions.child_question import ChildQuestion
from actions.refusals import spoken_range
from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.school_work import Remark, TeacherComments
from portal.transaction import Transaction

# As many as a parent reads in a chat; the others are counted.
MOST_LINES = 12
# What is told beside an answer that there are none.
MOST_INSTEAD = 6


class TellTeacherComments(ChildQuestion[TeacherComments]):
    """Answer with the comments of a term, one line a comment."""

    intent = "ask_teacher_comments"
    intents = frozenset({"ask_teacher_comments"})

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_teacher_comments"

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> TeacherComments | Refused:
        """Ask the portal."""
        return tx.records.teacher_comments(conversation, question)

    def tell(
        self, dispatcher: CollectingDispatcher, answer: TeacherComments, asked: Asked, today: date
    ) -> str:
        """Tell the comments, or that there are none and those of before."""
        course = part("utter_work_in_course", course=answer.course) if answer.course else ""
        span = spoken_range(answer.since, answer.until, answer.term)
        named = {"student": answer.student, "course": course, "range": span}
        words = _words(answer, named)
        if answer.lines and asked.get("count") == "how_many":
            words |= part("utter_comments_counted", count=len(answer.lines))
        dispatcher.utter_message(**words, private=True)
        return answer.student


def _words(answer: TeacherComments, named: Words) -> Words:
    if answer.lines:
        return part("utter_comments", lines=_lines(answer.lines, answer, MOST_LINES), **named)
    if answer.earlier:
        return part("utter_comments_earlier", lines=_lines(answer.earlier, answer, MOST_INSTEAD), **named)
    return part("utter_comments_none", **named)


def _lines(remarks: Sequence[Remark], answer: TeacherComments, most: int) -> list[Words]:
    shown = [_line(remark, answer) for remark in remarks[:most]]
    more = len(remarks) - len(shown)
    return [*shown, part("utter_lines_more", count=more)] if more else shown


def _line(remark: Remark, answer: TeacherComments) -> Words:
    asked = answer.term.title if answer.term else ""
    return part(
        "utter_comment_line",
        course=remark.course,
        about=_about(remark, asked),
        teacher=part("utter_comment_teacher", teacher=remark.teacher) if remark.teacher else "",
        text=" ".join(remark.text.split()),
    )


def _about(remark: Remark, asked: str) -> Words | str:
    if remark.assignment and remark.day:
        day = {"date": remark.day.isoformat(), "style": "medium"}
        return part("utter_comment_assignment", assignment=remark.assignment, date=day)
    # The term goes without saying where it is the one that the answer is about.
    return part("utter_comment_term", term=remark.term) if remark.term != asked else ""
