"""Take up the letter that a conversation was begun with: its child is linked once the parent is known."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import Event, PortalAction, set_slots
from actions.places import facts
from portal.accounts.claims import links_by_access_id
from portal.accounts.outcomes import LiveSession
from portal.core.outcomes import Refused

SLOT = "letter"
LINK = "action_link_letter"


class OpenLetter(PortalAction):
    """Greet whoever comes with a letter, and begin with what it is about."""

    def name(self) -> str:
        """Name the action that the engine performs."""
        return "action_open_letter"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say nothing about the child: a letter may be in anybody's hands."""
        district, live = await self.ask_here(tracker, lambda tx: tx.sessions.current(tracker.sender_id))
        if not links_by_access_id(district):
            # The school links the children there: the letter only shows the way in.
            return [SlotSet(SLOT, None), FollowupAction("action_greet")]
        if isinstance(live, LiveSession):
            return [FollowupAction(LINK)]
        dispatcher.utter_message(response="utter_letter_begin", **facts(district))
        return []


class LinkLetter(PortalAction):
    """Go on to link the child of the letter, now that it is known who the parent is."""

    def name(self) -> str:
        """Name the action that signing in leads to."""
        return LINK

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Fill in the Access ID only: what links the child is the access password."""
        letter: Mapping[str, Any] = tracker.get_slot(SLOT) or {}
        found = await self.ask(lambda tx: tx.records.students(tracker.sender_id))
        children = () if isinstance(found, Refused) else found.children
        linked = next((each for each in children if each.student_id == letter.get("student")), None)
        if linked is not None:
            dispatcher.utter_message(response="utter_letter_already", student=linked.label, private=True)
            dispatcher.utter_message(response="utter_linked_what_now")
            return set_slots({SLOT: None, "resume": None})
        begin = "action_begin_link_student"
        resume = {"action": begin, "slots": {"access_id": letter.get("access_id")}}
        dispatcher.utter_message(response="utter_letter_link")
        return [*set_slots({SLOT: None, "resume": resume}), FollowupAction(begin)]
