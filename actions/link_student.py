"""Link further children to the account that is signed in, and take one off it."""

from collections.abc import Iterator, Mapping
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.account_refusals import lead_back, tell_refusal
from actions.answers import (
    access_fields,
    add_child,
    child_lines,
    is_adding,
    take_access_id,
    take_more_children,
    take_relationship,
)
from actions.base import Event, PortalAction, entity, is_filling_in, set_slots, start_form, wants_steps
from actions.places import facts
from actions.sessions import ask_to_sign_in, needs_session
from actions.sign_in import secret_request
from actions.steps import OUTCOME, Answers, Check, StepForm
from portal.core.districts import District
from portal.core.options import AccountOpening
from portal.core.outcomes import Refused, Violation
from portal.dialogue.outcomes import Purpose
from portal.records.answers import Child, Students
from portal.transaction import Transaction

FORM = "link_students_form"
ANSWERS = ("access_id", "relationship", "children", "more_children", OUTCOME)
UNLINK = "unlink_form"


class BeginLinkStudent(PortalAction):
    """Begin to link a child or to take one off, or tell the steps on the portal."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_begin_link_student"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Ask for nothing before it is clear whose account it is."""
        district, live = await self.ask_here(tracker, lambda tx: tx.sessions.current(tracker.sender_id))
        unlinks = bool(entity(tracker, "unlink") or _resumed(tracker).get("unlink"))
        if not unlinks and (response := _told_instead(tracker, district)):
            dispatcher.utter_message(response=response, **facts(district))
            return [SlotSet("resume", None)]
        if isinstance(live, Refused):
            told = {name: entity(tracker, name) for name in ("access_id", "relationship")}
            resume = {"action": self.name(), "slots": {"unlink": unlinks, **told}}
            return ask_to_sign_in(dispatcher, tracker, district, live, resume)
        if unlinks:
            named = entity(tracker, "student")
            about = {"resume": None, "unlink_student": named, "confirmed": None}
            return [*set_slots(about), FollowupAction(UNLINK)]
        if is_filling_in(tracker, FORM) or entity(tracker, "again"):
            return start_form(FORM)
        dispatcher.utter_message(response="utter_begin_link_students_form", **facts(district))
        told = {name: _resumed(tracker).get(name) for name in ("access_id", "relationship")}
        return [*set_slots({**dict.fromkeys(ANSWERS), **told, "resume": None}), *start_form(FORM)]


class ValidateLinkStudents(StepForm):
    """Take an Access ID and the relationship of each child (R58)."""

    form = FORM
    checks: Mapping[str, Check] = {
        "access_id": take_access_id,
        "relationship": take_relationship,
        "more_children": take_more_children,
        OUTCOME: lead_back,
    }

    def steps(self, slots: Mapping[str, Any]) -> Iterator[str]:
        """Ask for the children one after the other (R50)."""
        if is_adding(slots):
            yield from ("access_id", "relationship")
        yield from ("more_children", OUTCOME)

    def settle(self, answers: Answers) -> None:
        """Put a complete child with the others."""
        add_child(answers)


class AskLinkSecret(PortalAction):
    """Open a masked field for each child's access password."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return "action_ask_link_students_form_secret_outcome"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say which field is whose."""
        children = tracker.get_slot("children") or []
        context = {"students": children}
        fields = access_fields(children)
        ticket = await self.ask(
            lambda tx: tx.dialogue.open_ticket(tracker.sender_id, Purpose.LINK_STUDENTS, context, fields)
        )
        dispatcher.utter_message(
            response="utter_ask_link_secrets",
            children_lines=child_lines(children),
            secret=secret_request(ticket),
        )
        return []


class SettleLinkStudents(PortalAction):
    """Say which children are linked now, or what stopped it."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_settle_link_students"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Name the children as the school does (R59)."""
        outcome: Mapping[str, Any] = tracker.get_slot(OUTCOME) or {}
        if outcome.get("outcome") == "students_linked":
            return self._linked(dispatcher, outcome)
        live = await self.ask(lambda tx: tx.sessions.current(tracker.sender_id))
        if isinstance(live, Refused):
            resume = {"action": "action_begin_link_student", "slots": {}}
            return ask_to_sign_in(dispatcher, tracker, await self.district(tracker), live, resume)
        return await tell_refusal(self, dispatcher, tracker, "link_student")

    def _linked(self, dispatcher: CollectingDispatcher, outcome: Mapping[str, Any]) -> list[Event]:
        for kind in ("linked", "already"):
            names = list(outcome.get(kind) or ())
            if names:
                dispatcher.utter_message(
                    response=f"utter_students_{kind}", count=len(names), students=names, private=True
                )
        dispatcher.utter_message(response="utter_linked_what_now")
        return set_slots(dict.fromkeys(ANSWERS))


class ValidateUnlink(StepForm):
    """Take which child is meant, and that it is really meant."""

    form = UNLINK
    checks: Mapping[str, Check] = {}

    def steps(self, slots: Mapping[str, Any]) -> Iterator[str]:
        """Ask for the child, then whether it is meant."""
        if slots.get("confirmed") is False:
            return
        yield from ("unlink_student", "confirmed")

    async def look_up(self, tracker: Tracker, answers: Answers) -> None:
        """Match the name among the parent's own children only."""
        named = answers.given.get("unlink_student")
        if named is None:
            return
        found = await self.ask(lambda tx: tx.records.child(tracker.sender_id, str(named)))
        if isinstance(found, Refused) and not needs_session(found):
            answers.refuse("unlink_student", Violation("student_unknown"))


class AskUnlinkStudent(PortalAction):
    """Ask which child to take off the account."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return "action_ask_unlink_form_unlink_student"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Offer the parent's own children."""
        found = await self.ask(lambda tx: tx.records.students(tracker.sender_id))
        names = found.names if isinstance(found, Students) else ()
        buttons = [{"title": name, "payload": ""} for name in names]
        dispatcher.utter_message(response="utter_ask_unlink_student", buttons=buttons, private=True)
        return []


class SettleUnlink(PortalAction):
    """Take the child off the account, once that was confirmed."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_settle_unlink"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Do nothing but say so where the answer was no."""
        named, meant = tracker.get_slot("unlink_student"), tracker.get_slot("confirmed")
        forgotten = set_slots({"unlink_student": None, "confirmed": None})
        if not meant or named is None:
            dispatcher.utter_message(response="utter_unlink_kept")
            return forgotten
        district, done = await self.ask_here(tracker, lambda tx: _unlink(tx, tracker.sender_id, named))
        if isinstance(done, Refused) and needs_session(done):
            resume = {"action": "action_begin_link_student", "slots": {"unlink": True}}
            return [*forgotten, *ask_to_sign_in(dispatcher, tracker, district, done, resume)]
        student = done.label if isinstance(done, Child) else str(named)
        dispatcher.utter_message(response="utter_unlinked", student=student, private=True)
        return [*forgotten, *set_slots({"student": None, "question": None})]


def _unlink(tx: Transaction, conversation: str, name: str) -> Child | Refused:
    child = tx.records.child(conversation, name)
    if isinstance(child, Refused):
        return child
    done = tx.claims.unlink(conversation, child.student_id)
    return done if isinstance(done, Refused) else child


def _resumed(tracker: Tracker) -> Mapping[str, Any]:
    """Return what was told before the sign-in that this needed."""
    resume = tracker.get_slot("resume") or {}
    is_mine = resume.get("action") == "action_begin_link_student"
    return (resume.get("slots") or {}) if is_mine else {}


def _told_instead(tracker: Tracker, district: District) -> str | None:
    """Return the words where nothing is done: steps asked for, or the school links the children."""
    if district.options.account_opening is AccountOpening.REQUEST:
        return "utter_link_by_school"
    if not district.options.parent_single_sign_on:
        return "utter_switch_student_off"
    return "utter_how_to_link_student" if wants_steps(tracker) else None
