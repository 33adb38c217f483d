"""Tell how to reach a person, and what has one fixed answer."""

from collections.abc import Callable

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import Event, PortalAction, entity, offer
from actions.places import contacts, facts
from portal.core.options import DistrictOptions

# What a district may have turned off, by the intent that asks for it.
TURNED_ON: dict[str, Callable[[DistrictOptions], bool]] = {
    "ask_school_bulletin": lambda options: options.school_bulletin,
    "ask_balance": lambda options: options.lunch_balance,
    "register_classes": lambda options: options.class_registration,
    "download_my_data": lambda options: options.my_data,
    "open_application": lambda options: bool(options.plugins or options.learning_platforms),
}


class TalkToPerson(PortalAction):
    """Tell how to reach a person at the school; the address for staff is never given (R134)."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_talk_to_person"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say in full what "contact your school" means here."""
        district = await self.district(tracker)
        known = {**facts(district), "contact": contacts(district.options)}
        dispatcher.utter_message(response="utter_talk_to_person", **known)
        return [offer("action_begin_message")]


class TellTopic(PortalAction):
    """Answer what is asked so often that it has an answer of its own."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_topic"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Tell the one answer to the subject that was found."""
        district = await self.district(tracker)
        topic = entity(tracker, "topic")
        dispatcher.utter_message(response=f"utter_topic_{topic}", **facts(district))
        return []
