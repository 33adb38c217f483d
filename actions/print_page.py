"""Make a page to print: the one that was asked about last, or the one that is named (R91)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.also_asked import Asked, named_in
from actions.base import Event, Words, entity, part
from actions.child_question import INSTEAD, AboutChild, ChildQuestion
from actions.conversation import TURNED_ON
from actions.refusals import button
from portal.core.options import DistrictOptions
from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.family import Family
from portal.records.files import FileKind, as_asked
from portal.transaction import Transaction

INTENT = "print_page"
# The pages as their addresses call them, with the answer that shows whether there is anything to print.
PAGES: dict[str, Callable[[Family, Question], AboutChild | Refused]] = {
    "grades": Family.grades,
    "assignments": Family.assignments,
    "attendance-history": Family.attendance_history,
    "grades-history": Family.grades_history,
    "test-results": Family.test_results,
    "teacher-comments": Family.teacher_comments,
    "my-schedule": Family.schedule,
    "balance": Family.balance,
    "school-bulletin": Family.school_bulletin,
    "school-information": Family.school_information,
}
# The page on which the last answer stands.
PAGE_OF = {
    "action_tell_grades": "grades",
    "action_tell_attendance": "grades",
    "action_tell_assignments": "assignments",
    "action_tell_attendance_history": "attendance-history",
    "action_tell_grades_history": "grades-history",
    "action_tell_test_results": "test-results",
    "action_tell_teacher_comments": "teacher-comments",
    "action_tell_schedule": "my-schedule",
    "action_tell_balance": "balance",
    "action_tell_school_bulletin": "school-bulletin",
    "action_tell_school_information": "school-information",
}
# Pages that a district may have turned off, by the intent that asks for them.
INTENT_OF = {"balance": "ask_balance", "school-bulletin": "ask_school_bulletin"}


@dataclass(frozen=True, slots=True)
class Printed:
    """Say where the page is; `student` is empty where it is the same for all the children."""

    student: str
    question: Question
    path: str = ""


class PrintPage(ChildQuestion[Printed]):
    """Offer a page as a PDF; it is made when it is opened, and goes with the session."""

    intent = INTENT
    intents = frozenset({INTENT})

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_print_page"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Make the page, or ask which one where none is named and none was asked about."""
        asked = self._asked_now(tracker)
        if asked.get("page") in PAGES or self.steps(tracker):
            return await super().run(dispatcher, tracker, domain)
        options = (await self.district(tracker)).options
        buttons = [button(_title(page), INTENT, {**asked, "page": page}) for page in _turned_on(options)]
        dispatcher.utter_message(response="utter_which_page", buttons=buttons)
        return []

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> Printed | Refused:
        """Ask what stands on the page, so that no page is offered for a child or a term that is not there."""
        family = tx.records.of(conversation)
        if isinstance(family, Refused):
            return family
        # All of a page is printed, whatever part of it was asked for.
        whole = replace(question, kind=None, moment=None, subject=None)
        answer = PAGES[question.page or ""](family, whole)
        if isinstance(answer, Refused):
            return answer
        return Printed(answer.student, replace(whole, student=answer.student or None))

    def tell(self, dispatcher: CollectingDispatcher, answer: Printed, asked: Asked, today: date) -> str:
        """Hand the page out under its name."""
        named = {"page": _title(answer.question.page or ""), "student": answer.student}
        of = "" if answer.student else "_of_all"
        dispatcher.utter_message(
            **part(f"utter_print_page{of}", **named),
            attachment=answer.path,
            attachment_title=part(f"utter_print_file{of}", **named),
            private=True,
        )
        return answer.student

    async def _instead(self, tracker: Tracker) -> str | None:
        page = self._asked_now(tracker).get("page")
        intent = INTENT_OF.get(page or "")
        if intent and not TURNED_ON[intent]((await self.district(tracker)).options):
            return f"utter_off_{intent}"
        return self.steps(tracker)

    def _find(self, tx: Transaction, tracker: Tracker, asked: Asked) -> Printed | Refused:
        found = super()._find(tx, tracker, asked)
        if isinstance(found, Refused):
            return found
        language = tracker.get_slot("language") or "en"
        path = tx.files.offer(tracker.sender_id, FileKind.PAGE, language=language, **as_asked(found.question))
        return path if isinstance(path, Refused) else replace(found, path=path)

    def _asked_now(self, tracker: Tracker) -> Asked:
        asked = super()._asked_now(tracker)
        if asked.get("page"):
            return asked
        question = tracker.get_slot("question") or {}
        before: dict[str, Any] = question.get("slots") or {}
        page = PAGE_OF.get(question.get("action") or "") or before.get("page")
        if page is None:
            return asked
        # "Print this for Leo": what is named now takes the place of what was asked before.
        named = named_in(tracker) if entity(tracker, "page") is None else {}
        replaced = {other for name in named for other in INSTEAD.get(name, ())}
        kept = {name: value for name, value in before.items() if name not in replaced}
        return {**kept, **asked, "page": page}


def _turned_on(options: DistrictOptions) -> list[str]:
    """Return the pages that this district shows."""
    return [page for page in PAGES if page not in INTENT_OF or TURNED_ON[INTENT_OF[page]](options)]


def _title(page: str) -> Words:
    return part(f"utter_page_{page.replace('-', '_')}")
