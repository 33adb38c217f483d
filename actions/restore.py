"""Offer a parent whose time ran out to go back to where they were (R65-R71)."""

from typing import Any

from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import Event, PortalAction, offer, part, set_slots


class OfferRestore(PortalAction):
    """Ask whether to go back, in the portal's own sentence."""

    def name(self) -> str:
        """Name the action that signing in leads to."""
        return "action_offer_restore"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say nothing of what it was: whoever says yes sees it."""
        place = await self.ask(lambda tx: tx.sessions.offered(tracker.sender_id), read_only=True)
        was_asking = bool(place and place.get("question"))
        key = "utter_restore_last_page" if was_asking else "utter_restore_selections"
        buttons = [
            {"title": part("utter_button_yes"), "payload": "/affirm"},
            {"title": part("utter_button_no"), "payload": "/deny"},
        ]
        dispatcher.utter_message(response=key, buttons=buttons)
        return [offer("action_restore", otherwise="action_decline_restore")]


class Restore(PortalAction):
    """Go back to the child and the question of the session whose time ran out."""

    def name(self) -> str:
        """Name the action that a yes performs."""
        return "action_restore"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Ask the same question again; the portal checks anew what this parent may see."""
        restored = await self.ask(lambda tx: tx.sessions.take_offer(tracker.sender_id, accept=True))
        place: dict[str, Any] = {} if restored is None else dict(restored.place)
        question = place.get("question") or {}
        kept = set_slots({"student": place.get("student"), "question": question or None, "resume": None})
        if question.get("action"):
            return [*kept, FollowupAction(question["action"])]
        if place.get("student"):
            dispatcher.utter_message(
                response="utter_switched_what_now", student=place["student"], private=True
            )
            return kept
        dispatcher.utter_message(response="utter_what_now")
        return []


class DeclineRestore(PortalAction):
    """Begin anew; what was offered is offered once."""

    def name(self) -> str:
        """Name the action that a no performs."""
        return "action_decline_restore"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Use up the offer."""
        await self.ask(lambda tx: tx.sessions.take_offer(tracker.sender_id, accept=False))
        dispatcher.utter_message(response="utter_what_now")
        return []
