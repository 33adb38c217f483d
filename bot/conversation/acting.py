"""Run actions through rasa-sdk's executor, in this process, and check what they return."""

import inspect
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from rasa_sdk.executor import ActionExecutor, ActionExecutorRunResult
from rasa_sdk.interfaces import Action

from bot.conversation.dialogue import REQUESTED, Tracker
from bot.conversation.project import Project

EVENTS = frozenset({"slot", "active_loop", "followup", "reset_slots", "restart"})


class ActionError(Exception):
    """Report an action that broke the contract; the message names it, never what it returned."""


@dataclass(frozen=True, slots=True)
class Acted:
    """Hold what an action said and what it changes."""

    events: tuple[Mapping[str, Any], ...]
    responses: tuple[Mapping[str, Any], ...]

    @property
    def followup(self) -> str | None:
        """Name the action to perform next, if the action asked for one."""
        return next((e["name"] for e in reversed(self.events) if e["event"] == "followup"), None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold what a form's validation decided: the slot to ask for, and what to perform next."""

    decides: bool = False
    requested: str | None = None
    followup: str | None = None

    @classmethod
    def of(cls, acted: Acted) -> "Verdict":
        """Return what a validation decided; one that names no slot leaves the order to the form."""
        wanted = [e for e in acted.events if e["event"] == "slot" and e["name"] == REQUESTED]
        return cls(bool(wanted), wanted[-1]["value"] if wanted else None, acted.followup)


class Actor:
    """Perform registered actions by name."""

    def __init__(self, project: Project, actions: Sequence[Action]) -> None:
        """Register the actions; each must be asynchronous, else it would stop all conversations."""
        # The SDK warns for each slot without a validate_ method, which is how most slots are meant.
        logging.getLogger("rasa_sdk").setLevel(logging.ERROR)
        self._executor = ActionExecutor()
        self._slots = frozenset(project.slots)
        self._domain = project.domain()
        for action in actions:
            if not inspect.iscoroutinefunction(action.run):
                message = f"{action.name()}: run() must be async"
                raise ActionError(message)
            self._executor.register_action(action)

    def knows(self, name: str) -> bool:
        """Tell whether an action of that name is registered."""
        return name in self._executor.actions

    @property
    def names(self) -> frozenset[str]:
        """Name the registered actions."""
        return frozenset(self._executor.actions)

    async def perform(
        self, name: str, tracker: Tracker, candidates: Mapping[str, Any] | None = None
    ) -> Acted:
        """Run an action on a copy of the tracker; `candidates` are the slot values to validate."""
        call = {
            "next_action": name,
            "sender_id": tracker.conversation,
            "tracker": tracker.called(candidates or {}),
            "domain": self._domain,
        }
        # It returns None only for a call that names no action.
        result = cast("ActionExecutorRunResult", await self._executor.run(call))
        for event in result.events:
            self._check(name, event)
        return Acted(tuple(result.events), tuple(result.responses))

    def _check(self, name: str, event: Mapping[str, Any]) -> None:
        if event["event"] not in EVENTS:
            message = f"{name}: the event {event['event']} is not supported"
            raise ActionError(message)
        if event["event"] == "slot" and event["name"] not in self._slots:
            message = f"{name}: the slot {event['name']} is not declared"
            raise ActionError(message)
        try:
            json.dumps(event)
        except (TypeError, ValueError):
            message = f"{name}: a value of {event.get('name', event['event'])} cannot be stored as JSON"
            raise ActionError(message) from None
