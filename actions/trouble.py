"""Help a parent who cannot get in."""

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import Event, PortalAction
from actions.places import facts


class ReportLockout(PortalAction):
    """Tell what a lock means in this district, without looking at any account."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_report_lockout"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Give this district's own values (R15)."""
        district = await self.district(tracker)
        lock = district.options.lock
        dispatcher.utter_message(
            response=f"utter_report_lockout_{lock.mode.value}",
            fails={"number": lock.fails},
            minutes={"number": lock.minutes},
            **facts(district),
        )
        return []


class TroubleSigningIn(PortalAction):
    """Offer what the portal offers under "Having trouble signing in?"."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_trouble_signing_in"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Let the parent say which trouble it is."""
        dispatcher.utter_message(response="utter_trouble_signing_in")
        return []
