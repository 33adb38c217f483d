"""Turn to another child; the page that was looked at is shown for that one."""

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import Event, PortalAction, entity, set_slots, wants_steps
from actions.places import facts
from actions.refusals import refusal
from actions.sessions import ask_to_sign_in, needs_session
from portal.core.districts import District
from portal.core.outcomes import Reason, Refused
from portal.records.answers import Child, Students
from portal.transaction import Transaction

INTENT = "switch_student"


class SwitchStudent(PortalAction):
    """Choose the child that the next questions are about."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_switch_student"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Match the name among the parent's own children only."""
        wanted = _wanted(tracker, self.name())
        district, found = await self.ask_here(tracker, lambda tx: _find(tx, tracker.sender_id, wanted))
        if not district.options.parent_single_sign_on:
            dispatcher.utter_message(response="utter_switch_student_off", **facts(district))
            return [SlotSet("resume", None)]
        if wants_steps(tracker):
            dispatcher.utter_message(response="utter_how_to_switch_student", **facts(district))
            return []
        match found:
            case Refused():
                return self._refuse(dispatcher, tracker, district, wanted, found)
            case Students():
                return self._let_choose(dispatcher, tracker, found)
            case Child():
                return _turn_to(dispatcher, tracker, found)

    def _let_choose(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, students: Students
    ) -> list[Event]:
        if len(students.names) == 1:
            only = students.names[0]
            dispatcher.utter_message(response="utter_only_student", student=only, private=True)
            return set_slots({"student": only, "resume": None})
        if entity(tracker, "students"):
            return self._tell_all(dispatcher, students)
        others = [each for each in students.children if each.label != tracker.get_slot("student")]
        if len(students.names) == 2 and len(others) == 1:
            return _turn_to(dispatcher, tracker, others[0])
        words, buttons = refusal(Refused(Reason.WHICH_STUDENT, choices=students.names), {}, INTENT)
        dispatcher.utter_message(**words, buttons=buttons, private=True)
        return [SlotSet("resume", None)]

    def _tell_all(self, dispatcher: CollectingDispatcher, students: Students) -> list[Event]:
        _, buttons = refusal(Refused(Reason.WHICH_STUDENT, choices=students.names), {}, INTENT)
        names = list(students.names)
        dispatcher.utter_message(
            response="utter_linked_students", students=names, buttons=buttons, private=True
        )
        return [SlotSet("resume", None)]

    def _refuse(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        district: District,
        wanted: str | None,
        refused: Refused,
    ) -> list[Event]:
        asked = {"student": wanted} if wanted else {}
        if needs_session(refused):
            resume = {"action": self.name(), "slots": asked}
            return ask_to_sign_in(dispatcher, tracker, district, refused, resume)
        words, buttons = refusal(refused, asked, INTENT)
        dispatcher.utter_message(**words, buttons=buttons, private=True, **facts(district))
        return [SlotSet("resume", None)]


def _wanted(tracker: Tracker, action: str) -> str | None:
    named: str | None = entity(tracker, "student")
    resume = tracker.get_slot("resume") or {}
    if named is None and resume.get("action") == action:
        return (resume.get("slots") or {}).get("student")
    return named


def _find(tx: Transaction, conversation: str, wanted: str | None) -> Child | Students | Refused:
    if wanted is None:
        return tx.records.students(conversation)
    found = tx.records.child(conversation, wanted)
    if isinstance(found, Child):
        # Should time run out, this is the selection that the parent may go back to (R70).
        tx.sessions.remember(conversation, {"student": found.label, "question": None})
    return found


def _turn_to(dispatcher: CollectingDispatcher, tracker: Tracker, child: Child) -> list[Event]:
    turned = {"student": child.label, "resume": None}
    question = tracker.get_slot("question") or {}
    if not question.get("action"):
        dispatcher.utter_message(response="utter_switched_what_now", student=child.label, private=True)
        return set_slots(turned)
    slots = {**(question.get("slots") or {}), "student": child.label}
    slots.pop("students", None)
    again = {"action": question["action"], "slots": slots}
    return [*set_slots({**turned, "question": again}), FollowupAction(question["action"])]
