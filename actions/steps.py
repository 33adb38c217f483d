"""Lead through a form step by step: check each answer as it comes, and decide what is asked next."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import Event, PortalAction, Words, intent, part, set_slots
from portal.accounts.outcomes import LiveSession
from portal.core.outcomes import Violation

REQUESTED = "requested_slot"
OUTCOME = "secret_outcome"
MISSTEPS = "missteps"
# What the engine leaves in the place of an access password that was typed into the chat.
REMOVED = "[removed]"
# After so many answers in a row that could not be taken a person is named.
MOST_MISSTEPS = 3


@dataclass(slots=True)
class Answers:
    """Hold the slots of a form while one message is worked into them.

    `text` is what was typed, or "" for a button; `requested` is the step that was waiting;
    `district` is the name of the district. `said` are the replies that the checks collect.
    """

    slots: dict[str, Any]
    given: Mapping[str, Any]
    text: str = ""
    intent: str = ""
    entities: Mapping[str, Any] = field(default_factory=dict)
    district: str = ""
    said: list[Words] = field(default_factory=list)
    refused: bool = False

    @property
    def requested(self) -> str | None:
        """Name the step that was waiting for an answer."""
        return self.slots.get(REQUESTED)

    def refuse(self, slot: str, violation: Violation, name: str = "") -> None:
        """Ask for a slot again, and say what is wrong with what was given."""
        self.slots[slot] = None
        self.refused = True
        self.said.append(violation_words(violation, name or slot))


Check = Callable[[Any, Answers], None]


class StepForm(PortalAction):
    """Check the answers of one form; whatever was answered well is kept."""

    form: str
    checks: Mapping[str, Check]
    # Whoever is signed in has no use for the form: it does not come back after signing in.
    for_strangers = False

    def name(self) -> str:
        """Name the action that checks the form's answers."""
        return f"validate_{self.form}"

    @abstractmethod
    def steps(self, slots: Mapping[str, Any]) -> Iterable[str]:
        """Name the slots to be filled as things stand, in the order in which they are asked for."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Take the answers, and ask for the next one that is missing."""
        given = tracker.slots_to_validate()
        if not given and self.for_strangers:
            if await self._is_signed_in(tracker):
                return [ActiveLoop(None), SlotSet(REQUESTED, None)]
            if any(tracker.get_slot(slot) for slot in self.checks):
                dispatcher.utter_message(response=f"utter_return_to_{self.form}")
        answers = answers_of(tracker, given)
        answers.district = (await self.district(tracker)).options.name
        await self.look_up(tracker, answers)
        self._check(answers)
        self.settle(answers)
        following = next(
            (slot for slot in self.steps(answers.slots) if answers.slots.get(slot) is None), None
        )
        if _is_beside(answers, following):
            answers.said.append(part("utter_noted"))
        for words in answers.said:
            dispatcher.utter_message(**words)
        return self._events(dispatcher, tracker, answers, following)

    async def look_up(self, tracker: Tracker, answers: Answers) -> None:
        """Refuse what only the portal knows to be wrong, before the checks."""

    def _check(self, answers: Answers) -> None:
        for slot, value in answers.given.items():
            if value == REMOVED:
                answers.slots[slot] = None
            elif slot in self.checks and value is not None:
                self.checks[slot](value, answers)

    def settle(self, answers: Answers) -> None:
        """Work together what was answered, once each answer has been checked."""

    def _events(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        answers: Answers,
        following: str | None,
    ) -> list[Event]:
        slots = answers.slots
        missteps = (tracker.get_slot(MISSTEPS) or 0) + 1 if answers.refused else 0
        slots[MISSTEPS] = missteps or None
        changed = {n: v for n, v in slots.items() if n in answers.given or tracker.get_slot(n) != v}
        events = set_slots({**changed, REQUESTED: following})
        if missteps == MOST_MISSTEPS - 1:
            dispatcher.utter_message(response="utter_stuck")
        return [*events, FollowupAction("action_talk_to_person")] if missteps >= MOST_MISSTEPS else events

    async def _is_signed_in(self, tracker: Tracker) -> bool:
        live = await self.ask(lambda tx: tx.sessions.current(tracker.sender_id, touch=False), read_only=True)
        return isinstance(live, LiveSession)


def _is_beside(answers: Answers, following: str | None) -> bool:
    """Tell whether something was told beside the step that is asked again now."""
    beside = bool(answers.given) and answers.requested not in {None, "confirmed", *answers.given}
    return beside and following == answers.requested and not answers.said


def answers_of(tracker: Tracker, given: Mapping[str, Any]) -> Answers:
    """Return the slots as they stand, with what was said."""
    text = str(tracker.latest_message.get("text") or "").strip()
    entities = {each["entity"]: each["value"] for each in tracker.latest_message.get("entities") or ()}
    return Answers(dict(tracker.slots), given, text, intent(tracker), entities)


def violation_words(violation: Violation, name: str) -> Words:
    """Name the words for what is wrong with a field; some rules say it of each field in its own words."""
    keys = {"empty", "too_long", "characters"}
    ending = f"_{name}" if violation.key in keys and name != "new_password" else ""
    return part(f"utter_violation_{violation.key}{ending}", number=violation.number)
