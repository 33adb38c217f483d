"""Greet, take leave, and say what the assistant is."""

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import WAYS_IN, Event, PortalAction, set_slots
from actions.places import facts
from portal.accounts.outcomes import LiveSession


class Greet(PortalAction):
    """Greet, by name where somebody is signed in."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_greet"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Offer what parents mostly come for."""
        district, live = await self.ask_here(tracker, lambda tx: tx.sessions.current(tracker.sender_id))
        if isinstance(live, LiveSession):
            dispatcher.utter_message(response="utter_greet_signed_in", name=live.display_name, private=True)
            return []
        dispatcher.utter_message(response="utter_greet", **facts(district))
        return []


class SayGoodbye(PortalAction):
    """Take leave, and remind whoever is still signed in (R109)."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_say_goodbye"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Leave the session as it is: a thank-you is not a wish to sign out."""
        live = await self.ask(lambda tx: tx.sessions.current(tracker.sender_id))
        signed_in = isinstance(live, LiveSession)
        key = "utter_say_goodbye_signed_in" if signed_in else "utter_say_goodbye"
        dispatcher.utter_message(response=key)
        return []


class TakeYes(PortalAction):
    """Take a yes: to what was offered, or, in the middle of something, to the step that is asked again."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_take_yes"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Do what was just offered; ask what is wanted where nothing is begun."""
        offered = tracker.get_slot("offer")
        if offered:
            taken = set_slots({**offered["slots"], "offer": None})
            return [*taken, FollowupAction(offered["action"])]
        if not _is_begun(tracker):
            dispatcher.utter_message(response="utter_affirm")
        return []


class TakeNo(PortalAction):
    """Take a no; in the middle of something tell how to leave it."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_take_no"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Never say that it is left while the step is asked again."""
        otherwise = (tracker.get_slot("offer") or {}).get("otherwise")
        if otherwise:
            return [SlotSet("offer", None), FollowupAction(otherwise)]
        if not _is_begun(tracker):
            dispatcher.utter_message(response="utter_deny")
        elif _begun(tracker) in WAYS_IN:
            dispatcher.utter_message(response="utter_deny_here")
        else:
            dispatcher.utter_message(response="utter_deny_in_form")
        return []


def _begun(tracker: Tracker) -> str:
    return (tracker.active_loop or {}).get("name") or ""


def _is_begun(tracker: Tracker) -> bool:
    return bool(_begun(tracker))


class TellNature(PortalAction):
    """Say that this is a program, and whom it is for."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_nature"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Never pretend to be a person."""
        dispatcher.utter_message(response="utter_bot_nature", **facts(await self.district(tracker)))
        return []
