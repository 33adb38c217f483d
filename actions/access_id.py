"""Explain the Access ID: what it is, where it stands, what to do without it."""

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import Event, PortalAction, entity
from actions.places import facts
from portal.core.options import AccountOpening


class TellAccessId(PortalAction):
    """Explain the Access ID as this district has it."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_access_id"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Lead whoever lost the letter to the school; the codes themselves are never told here."""
        district = await self.district(tracker)
        if district.options.account_opening is AccountOpening.REQUEST:
            dispatcher.utter_message(response="utter_access_id_request", **facts(district))
            return []
        lost = entity(tracker, "lost")
        response = "utter_access_id_lost" if lost else "utter_access_id"
        dispatcher.utter_message(response=response, **facts(district))
        return []
