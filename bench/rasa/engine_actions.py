"""Stand in, as actions that Rasa calls, for what Hallpass's engine does between the flows."""

from itertools import takewhile
from typing import Any

from rasa_sdk.events import ActiveLoop, AllSlotsReset, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.conversation.project import Project
from bot.conversation.wording import Wording

Event = dict[str, Any]
PLACE = ("district", "language", "channel")
UNSAID = frozenset({"action_listen", "action_extract_slots", "action_session_start"})


class Engine(Action):
    """Know the forms and which responses there are."""

    called = ""

    def __init__(self, project: Project, wording: Wording) -> None:
        """Take what the engine itself looks at."""
        self._forms, self._has = project.forms, wording.has

    def name(self) -> str:
        """Name the action in the rules."""
        return self.called


class FallBack(Engine):
    """Ask to rephrase, then offer buttons, then a person."""

    called = "action_default_fallback"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Count how often it came to this without a break."""
        done = (e["name"] for e in reversed(tracker.events) if e.get("event") == "action")
        times = sum(
            1 for _ in takewhile(lambda name: name == self.called, (n for n in done if n not in UNSAID))
        )
        if times >= 2:
            return [FollowupAction("action_talk_to_person")]
        dispatcher.utter_message(response="utter_choose" if times else "utter_rephrase")
        return []


class Cancel(Engine):
    """Leave the form and forget what was typed into it."""

    called = "action_cancel"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say whether there was anything to leave."""
        form = self._forms.get((tracker.active_loop or {}).get("name") or "")
        if form is None:
            dispatcher.utter_message(response="utter_nothing_to_cancel")
            return []
        dispatcher.utter_message(response="utter_cancelled")
        forgotten = [SlotSet(slot, None) for slot in (*form.required, "resume", "requested_slot")]
        return [ActiveLoop(None), *forgotten]


class HelpHere(Engine):
    """Explain the step that waits for an answer; Rasa's form asks again by itself."""

    called = "action_help_here"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say the nearest help that there is."""
        form, slot = (tracker.active_loop or {}).get("name"), tracker.get_slot("requested_slot")
        names = (f"utter_help_{form}_{slot}", f"utter_help_{slot}", "utter_help")
        dispatcher.utter_message(response=next(name for name in names if self._has(name)))
        return []


class Repeat(Engine):
    """Say the last replies again."""

    called = "action_repeat"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Look for what was said between the two last messages."""
        before = takewhile(lambda e: e.get("event") != "user", _before_this_message(tracker))
        said = [e["text"] for e in before if e.get("event") == "bot" and e.get("text")]
        for text in reversed(said):
            dispatcher.utter_message(text=text)
        if not said:
            dispatcher.utter_message(response="utter_nothing_to_repeat")
        return []


class Restart(Engine):
    """Forget the slots and forms of the conversation; who is signed in stays signed in."""

    called = "action_restart"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Keep where the conversation takes place."""
        dispatcher.utter_message(response="utter_restarted")
        kept = [SlotSet(name, tracker.get_slot(name)) for name in PLACE]
        return [ActiveLoop(None), AllSlotsReset(), *kept]


class ChangeLanguage(Engine):
    """Say that there is only English: Rasa was trained on no other pack."""

    called = "action_change_language"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Change nothing."""
        dispatcher.utter_message(response="utter_language_unavailable")
        return []


ENGINE_ACTIONS: tuple[type[Engine], ...] = (FallBack, Cancel, HelpHere, Repeat, Restart, ChangeLanguage)


def _before_this_message(tracker: Tracker) -> Any:
    events = iter(reversed(tracker.events))
    for event in events:
        if event.get("event") == "user":
            break
    return events
