"""Tell the results of tests outside class, as the school entered them."""

from collections.abc import Sequence
from datetime import date

from rasa_sdk.executor import CollectingDispatcher

from actions.also_asked import Asked
from actions.base import Words, part
from actions.child_question import ChildQuestion
from actions.refusals import spoken_range
from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.school_work import TestLine, TestResults
from portal.transaction import Transaction

# As many as a parent reads in a chat; the others are counted.
MOST_LINES = 12
# What is told beside an answer that there are none.
MOST_INSTEAD = 6


class TellTestResults(ChildQuestion[TestResults]):
    """Answer with the tests of the current term, one line a test."""

    __test__ = False  # pytest would take the module's names for tests

    intent = "ask_test_results"
    intents = frozenset({"ask_test_results"})

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_test_results"

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> TestResults | Refused:
        """Ask the portal."""
        return tx.records.test_results(conversation, question)

    def tell(self, dispatcher: CollectingDispatcher, answer: TestResults, asked: Asked, today: date) -> str:
        """Tell the results, or that there are none and what there is instead."""
        subject = part("utter_tests_in_subject", subject=_subject(answer, asked)) if answer.subject else ""
        span = spoken_range(answer.since, answer.until, answer.term)
        named = {"student": answer.student, "subject": subject, "range": span}
        words = _words(answer, named)
        if answer.lines and asked.get("count") == "how_many":
            words |= part("utter_tests_counted", count=len(answer.lines))
        dispatcher.utter_message(**words, private=True)
        return answer.student


def _subject(answer: TestResults, asked: Asked) -> Words | str:
    return answer.subject if asked.get("course") else part("utter_class_period", period=answer.subject)


def _words(answer: TestResults, named: Words) -> Words:
    if answer.lines:
        return part("utter_tests", lines=_lines(answer.lines, MOST_LINES), **named)
    if answer.earlier:
        return part("utter_tests_earlier", lines=_lines(answer.earlier, MOST_INSTEAD), **named)
    if answer.others:
        return part("utter_tests_others", lines=_lines(answer.others, MOST_INSTEAD), **named)
    return part("utter_tests_none", **named)


def _lines(lines: Sequence[TestLine], most: int) -> list[Words]:
    shown = [_line(line) for line in lines[:most]]
    more = len(lines) - len(shown)
    return [*shown, part("utter_lines_more", count=more)] if more else shown


def _line(line: TestLine) -> Words:
    named = line.subject.casefold() in line.test.casefold()
    return part(
        "utter_test_line",
        date={"date": line.day.isoformat(), "style": "medium"},
        test=line.test,
        subject="" if named else part("utter_test_subject", subject=line.subject),
        result=_result(line),
    )


def _result(line: TestLine) -> Words:
    score = _score(line)
    match (score, line.level):
        case (None, ""):
            return part("utter_test_no_score")
        case (None, level):
            return part("utter_test_level", level=level)
        case (_, ""):
            return part("utter_test_score", score=score)
        case (_, level):
            return part("utter_test_score_and_level", score=score, level=level)


def _score(line: TestLine) -> Words | None:
    if line.score is None:
        return None
    score = {"number": str(line.score)}
    if line.maximum is None:
        return part("utter_test_points", score=score)
    return part("utter_test_points_of", score=score, maximum={"number": str(line.maximum)})
