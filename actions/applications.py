"""Give the links of the applications that a district has beside the portal."""

from collections.abc import Sequence
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.also_asked import SAID, Asked
from actions.base import Event, PortalAction, Words, entity, part, wants_steps
from actions.conversation import TURNED_ON
from actions.places import facts
from actions.refusals import button
from actions.sessions import ask_to_sign_in
from portal.core.districts import District
from portal.core.folding import fold
from portal.core.options import LaunchLink
from portal.core.outcomes import Refused

INTENT = "open_application"
APPLICATION = "application"
# What the understanding calls those that families ask for by name, whether or not they are here.
KNOWN = frozenset({"schoolnet", "pearson", "google_classroom", "canvas", "clever"})


class OpenApplication(PortalAction):
    """Give the link of an application, or of all that there are."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_open_application"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Give links to whoever is signed in only: the portal shows them to nobody else either (R86)."""
        district, live = await self.ask_here(tracker, lambda tx: tx.sessions.current(tracker.sender_id))
        asked = self._asked_now(tracker)
        if not TURNED_ON[INTENT](district.options):
            dispatcher.utter_message(response=f"utter_off_{INTENT}", **facts(district))
        elif wants_steps(tracker):
            dispatcher.utter_message(**_steps(district, asked), **facts(district))
        elif isinstance(live, Refused):
            resume = {"action": self.name(), "slots": asked}
            return ask_to_sign_in(dispatcher, tracker, district, live, resume)
        else:
            missing = bool(entity(tracker, "missing"))
            dispatcher.utter_message(**_answer(district, asked, missing=missing), **facts(district))
        return [SlotSet("resume", None)]

    def _asked_now(self, tracker: Tracker) -> Asked:
        resume = tracker.get_slot("resume") or {}
        if resume.get("action") == self.name() and not entity(tracker, APPLICATION):
            return dict(resume.get("slots") or {})
        asked = {APPLICATION: entity(tracker, APPLICATION), SAID: tracker.latest_message.get("text")}
        return {name: value for name, value in asked.items() if value}


def _links(district: District) -> tuple[LaunchLink, ...]:
    return (*district.options.plugins, *district.options.learning_platforms)


def _named(links: Sequence[LaunchLink], asked: Asked) -> list[LaunchLink]:
    """Return the links that are named, in full or, where it is a well-known one, by its short name."""
    said = f" {fold(asked.get(SAID, ''))} "
    short = fold(asked.get(APPLICATION, "").replace("_", " "))
    return [each for each in links if f" {fold(each.name)} " in said or (short and short in fold(each.name))]


def _called(name: str) -> Words | str:
    # A button of yesterday may name what is no longer here.
    return part(f"utter_application_called_{name}") if name in KNOWN else name


def _steps(district: District, asked: Asked) -> Words:
    # The two platforms stand in the navigation menu, everything else in the Applications drawer.
    platforms = _named(district.options.learning_platforms, asked)
    if platforms:
        name = platforms[0].name
        show = button(part("utter_application_show"), INTENT, {APPLICATION: name})
        return {**part("utter_how_to_open_platform", platform=name), "buttons": [show]}
    return part("utter_how_to_open_application")


def _answer(district: District, asked: Asked, *, missing: bool) -> Words:
    links = _links(district)
    named = _named(links, asked)
    lines: list[dict[str, Any]] = [part("utter_application_no_button", **facts(district))] if missing else []
    if len(named) == 1:
        lines.append(part("utter_application_one", name=named[0].name, url=named[0].url))
    else:
        unknown = None if named else asked.get(APPLICATION)
        lines.append(
            part("utter_application_not_here", name=_called(unknown))
            if unknown
            else part("utter_applications_all")
        )
        lines += [part("utter_application_line", name=each.name, url=each.url) for each in named or links]
    served = [] if missing else [part("utter_application_served", **facts(district))]
    return part("utter_applications", lines=[*lines, part("utter_application_window"), *served])
