"""Ask the question before once more, about something else."""

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.also_asked import named_in
from actions.base import Event, entity
from actions.child_question import INSTEAD

# Answers that are about days to come rather than days gone by.
LOOKS_AHEAD = frozenset({"action_tell_schedule", "action_tell_school_bulletin"})


class FollowUp(Action):
    """Ask the last question again, about the course, the term or the days that are named now."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_follow_up"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Keep what the question named before, unless the new part takes its place."""
        question = tracker.get_slot("question") or {}
        if not question.get("action"):
            return [FollowupAction("action_default_fallback")]
        named = named_in(tracker)
        if question["action"] in LOOKS_AHEAD and entity(tracker, "coming"):
            # "And on Friday?" is the coming one here, where of absences it is the past one.
            named["date_range"] = entity(tracker, "coming")
        replaced = {other for name in named for other in INSTEAD.get(name, ())}
        kept = {n: v for n, v in (question.get("slots") or {}).items() if n not in replaced}
        again = {"action": question["action"], "slots": {**kept, **named}}
        return [
            SlotSet("resume", None),
            SlotSet("question", again),
            FollowupAction(question["action"]),
        ]
