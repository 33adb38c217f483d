"""Show what is requested for next year and what may be chosen, and lead on to registering."""

import re
from datetime import date
from typing import Any

from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.also_asked import EVERYONE, Asked
from actions.base import Event, entity, part, set_slots
from actions.child_question import ChildQuestion
from actions.registration_words import (
    INTENT,
    choice_words,
    open_words,
    page_buttons,
    request_words,
    window_words,
)
from portal.core.outcomes import Reason, Refused
from portal.records.answers import Question
from portal.records.course_requests import CourseRequests, RequestStatus
from portal.transaction import Transaction

FORM = "register_classes_form"
REGISTER, DROP, WHEN, CHOICES, VIEW = "register", "drop", "when", "choices", "view"
# These write something once it is confirmed, so they are for one child at a time.
WISHES = frozenset({REGISTER, DROP})
# "Algebra 1" where only Algebra II is known: the number belongs to the name.
# Where a language may be meant as well, the class of that name is found too.
COURSE = frozenset({"course", "offering"})
NUMBER = re.compile(r"\s+(?:\d{1,2}|i{1,3}|iv|v)\b", re.IGNORECASE)


class TellRegistration(ChildQuestion[CourseRequests]):
    """Answer about course requests; what is to be registered goes on in a form."""

    intent = INTENT
    intents = frozenset({INTENT})
    is_of_a_course = False  # every child may register for it

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_registration"

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> CourseRequests | Refused:
        """Ask the portal."""
        return tx.registration.view(conversation, question.student)

    def tell(
        self, dispatcher: CollectingDispatcher, answer: CourseRequests, asked: Asked, today: date
    ) -> str:
        """Say what was asked for; a wish that can be taken up is answered by the form."""
        wish = asked.get("registration")
        if wish in WISHES and _may_go_on(answer, asked):
            return answer.student
        lines = window_words(answer)
        if wish in WISHES and not answer.is_open:
            lines += request_words(answer)
        elif wish == CHOICES:
            lines += choice_words(answer)
        elif wish == DROP:
            lines = [part("utter_registration_nothing_to_drop", student=answer.student)]
            lines += request_words(answer)
        elif wish != WHEN:
            lines = [*request_words(answer), *lines, *(open_words(answer) if answer.is_open else [])]
        dispatcher.utter_message(
            **part("utter_registration", lines=lines), buttons=page_buttons(answer), private=True
        )
        return answer.student

    def follow(self, answer: CourseRequests, asked: Asked) -> list[Event]:
        """Begin the form; what may be asked again for another child only shows that child's requests."""
        shown = {"action": self.name(), "slots": {"student": answer.student, "registration": VIEW}}
        if asked.get("registration") not in WISHES or not _may_go_on(answer, asked):
            return set_slots({"question": shown})
        slots = {
            "registration": {"drop": asked["registration"] == DROP, "child": answer.student},
            "registration_child": answer.student,
            "registration_courses": asked.get("courses") or None,
            "confirmed": None,
            "missteps": None,
            "question": shown,
        }
        return [*set_slots(slots), FollowupAction(FORM)]

    def _asked_now(self, tracker: Tracker) -> Asked:
        asked = super()._asked_now(tracker)
        named = named_courses(tracker) if entity(tracker, "courses") is None else asked.get("courses")
        named = named or asked.get("courses") or [asked[each] for each in ("course",) if each in asked]
        kept = {name: value for name, value in asked.items() if name not in {"course", "courses", "subject"}}
        if named:
            kept["courses"] = list(named)
        # The name of a course alone is no wish yet; "and chemistry too" is one more.
        is_wish = bool(named) and not entity(tracker, "follow_up")
        if named_courses(tracker) and entity(tracker, "amend") == "add":
            kept["registration"] = REGISTER
        kept.setdefault("registration", entity(tracker, "registration") or (REGISTER if is_wish else VIEW))
        return kept

    def _find_each(
        self, tx: Transaction, tracker: Tracker, asked: Asked
    ) -> list[tuple[Asked, CourseRequests | Refused]]:
        several = asked.get("students")
        if several and asked.get("registration") in WISHES:
            tabs = tx.records.students(tracker.sender_id)
            if isinstance(tabs, Refused):
                return [(asked, tabs)]
            alone = {name: value for name, value in asked.items() if name != "students"}
            named = [c.label for c in tabs.children if several == EVERYONE or {c.label, c.name} & {*several}]
            return [(alone, Refused(Reason.WHICH_STUDENT, choices=tuple(named) or tabs.names))]
        return super()._find_each(tx, tracker, asked)

    def _find_courses(
        self, tx: Transaction, tracker: Tracker, asked: Asked
    ) -> list[tuple[Asked, CourseRequests | Refused]]:
        # All the courses belong to one wish: all of it is registered, or nothing.
        return [(asked, self._find(tx, tracker, asked))]


def named_courses(tracker: Tracker) -> list[str]:
    """Return the courses that the message names, each once, with the number that follows a name."""
    message = tracker.latest_message
    text = message.get("text") or ""
    found = [each for each in message.get("entities") or [] if each.get("entity") in COURSE]
    return list(dict.fromkeys(_with_number(text, each) for each in found))


def _with_number(text: str, found: dict[str, Any]) -> str:
    start, end = found.get("start") or 0, found.get("end") or 0
    number = NUMBER.match(text, end) if end else None
    return text[start : number.end()] if number else str(found["value"])


def _may_go_on(answer: CourseRequests, asked: Asked) -> bool:
    """Tell whether the form can do anything: the window is open, and there is something to choose from."""
    if not answer.is_open:
        return False
    if asked["registration"] == DROP:
        own = [line for line in answer.requests if line.status is RequestStatus.REGISTERED]
        return bool(own or asked.get("courses"))
    return bool(answer.open_choices or asked.get("courses"))
