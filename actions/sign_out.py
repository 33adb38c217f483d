"""Sign a parent out and forget the family."""

from rasa_sdk.events import ActiveLoop, AllSlotsReset
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import Event, PortalAction, wants_steps
from actions.places import facts
from portal.accounts.outcomes import SignedOut
from portal.transaction import Transaction


class SignOut(PortalAction):
    """End the session of this conversation, or tell how the portal does it."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_sign_out"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Leave nothing behind: no session, no open masked field, no name of a child."""
        if wants_steps(tracker):
            district = await self.district(tracker)
            dispatcher.utter_message(response="utter_how_to_sign_out", **facts(district))
            return []
        ended = await self.ask(lambda tx: _end(tx, tracker.sender_id))
        key = "utter_signed_out" if ended.was_signed_in else "utter_not_signed_in"
        dispatcher.utter_message(response=key)
        return [ActiveLoop(None), AllSlotsReset()]


def _end(tx: Transaction, conversation: str) -> SignedOut:
    tx.dialogue.void_tickets(conversation)
    return tx.sessions.end(conversation)
