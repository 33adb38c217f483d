"""Serve Hallpass's actions to Rasa: the same instances, with the words put in before they leave."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk.executor import ActionExecutor, ActionExecutorRunResult
from rasa_sdk.interfaces import Action

from bench.rasa.engine_actions import ENGINE_ACTIONS
from bot.conversation.dialogue import Draft
from bot.conversation.formats import Manner
from bot.conversation.project import OUTCOME, Project
from bot.conversation.wording import Wording
from portal.transaction import Portal


class ServedActions(ActionExecutor):
    """Run actions for Rasa.

    Rasa fills a response with plain values only; the lists, dates and counted words of ours are put in
    here, so that Rasa has less to do, not more. How a masked field ended reaches a form as the metadata
    of a message, for Rasa has no masked fields.
    """

    def __init__(self, portal: Portal, project: Project, actions: Sequence[Action]) -> None:
        """Register the actions, and those that stand in for the engine."""
        super().__init__()
        self._portal, self._domain_of_ours = portal, project.domain()
        self._wording, self._zones = Wording(project), dict[str, ZoneInfo]()
        for action in actions:
            self.register_action(action)
        for engine in ENGINE_ACTIONS:
            self.register_action(engine(project, self._wording))

    async def run(
        self, action_call: dict[str, Any], sink: Any = None, dispatcher: Any = None
    ) -> ActionExecutorRunResult | None:
        """Run one action on what Rasa's tracker holds."""
        action_call.setdefault("domain", self._domain_of_ours)
        tracker = action_call["tracker"]
        heard = tracker.get("latest_message") or {}
        metadata = heard.get("metadata") or {}
        if action_call["next_action"].startswith("validate_") and OUTCOME in metadata:
            tracker["slots"][OUTCOME] = metadata[OUTCOME]
            tracker["events"].append({"event": "slot", "name": OUTCOME, "value": metadata[OUTCOME]})
        result = await super().run(action_call, sink, dispatcher)
        if result is None:
            return None
        manner = self._manner(tracker["slots"], result.events)
        worded = [_encoded(self._wording.draft(said, manner)) for said in result.responses]
        return ActionExecutorRunResult(events=result.events, responses=worded)

    def _manner(self, slots: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> Manner:
        now = {**slots, **{e["name"]: e["value"] for e in events if e["event"] == "slot"}}
        zone = self._zone(str(now.get("district") or ""))
        return Manner(now.get("language") or "en", zone, now.get("channel") or "rest", slots=now)

    def _zone(self, district: str) -> ZoneInfo:
        if district not in self._zones:
            with self._portal.begin(read_only=True) as tx:
                found = tx.districts.get(district)
            self._zones[district] = ZoneInfo(found.options.time_zone if found else "UTC")
        return self._zones[district]


def _encoded(draft: Draft) -> dict[str, Any]:
    """Return a worded reply as rasa-sdk's dispatcher would have collected it."""
    custom = {"private": draft.private, "secret": draft.secret, **draft.custom}
    return {
        "text": draft.text,
        "buttons": [{"title": title, "payload": payload} for title, payload in draft.buttons],
        "image": draft.image,
        "attachment": draft.attachment,
        "custom": {name: value for name, value in custom.items() if value},
    }
