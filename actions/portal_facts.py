"""Tell the facts about the portal itself: its address, the district code, the last sign-in."""

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import Event, PortalAction, part, wants_steps
from actions.places import facts
from actions.sessions import ask_to_sign_in
from portal.accounts.outcomes import LiveSession


class TellDistrictCode(PortalAction):
    """Tell the code for the mobile app, where there is one; it is never checked to be digits."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_district_code"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Show the code only where the portal is registered with the mobile service (R108)."""
        district = await self.district(tracker)
        code = district.options.district_code if district.options.mobile_server else None
        if code is None:
            dispatcher.utter_message(response="utter_district_code_off", **facts(district))
            return []
        key = "utter_how_to_ask_district_code" if wants_steps(tracker) else "utter_district_code"
        dispatcher.utter_message(response=key, code=code, **facts(district))
        return []


class TellPortalAddress(PortalAction):
    """Tell where the portal is, or how to find one's way on it."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_portal_address"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Name only what this district's portal shows."""
        district = await self.district(tracker)
        if not wants_steps(tracker):
            dispatcher.utter_message(response="utter_portal_address", **facts(district))
            return []
        several = district.options.parent_single_sign_on
        tabs = part("utter_toolbar_tabs" if several else "utter_toolbar_plain")
        dispatcher.utter_message(response="utter_how_to_ask_portal_address", tabs=tabs, **facts(district))
        return []


class TellLastSignIn(PortalAction):
    """Tell when the account was last signed in to, so that a stranger's sign-in shows."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_last_sign_in"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Tell it to nobody but the one who is signed in."""
        district, live = await self.ask_here(tracker, lambda tx: tx.sessions.current(tracker.sender_id))
        if wants_steps(tracker):
            dispatcher.utter_message(response="utter_how_to_ask_last_sign_in", **facts(district))
            return []
        if not isinstance(live, LiveSession):
            resume = {"action": self.name(), "slots": {}}
            return ask_to_sign_in(dispatcher, tracker, district, live, resume)
        if live.previous_sign_in is None:
            dispatcher.utter_message(response="utter_first_sign_in", private=True)
        else:
            at = {"datetime": live.previous_sign_in.isoformat()}
            dispatcher.utter_message(response="utter_last_sign_in", at=at, private=True)
        return [SlotSet("resume", None)]
