"""Let the conversation scripts of tests/flows talk to Rasa instead: a plugin for pytest.

Everything stays as it is in those tests (the portal, the clock, the masked fields, the history) but for
what answers a message: Rasa understands it, follows the rules and forms, and calls our actions on the test's
portal. `bench.rasa.scripts` starts Rasa and runs pytest with `-p bench.rasa.through_rasa`.
"""

import asyncio
import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import uvicorn
from rasa_sdk.interfaces import Action, ActionExecutionRejection
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bench.rasa.engines import Line, place_of
from bench.rasa.served import ServedActions
from bot.conversation.composing import Composed, Composer, Understands
from bot.conversation.dialogue import Draft
from bot.conversation.hearing import Incoming
from bot.conversation.memory import Scene
from bot.conversation.project import OUTCOME, Project
from bot.conversation.turn import Assistant
from bot.conversation.understanding import Parse
from bot.messages import MessageKind
from portal.transaction import Portal
from tests.support import conversation

RASA, ACTIONS = "HALLPASS_RASA_PORT", "HALLPASS_RASA_ACTIONS_PORT"
# What a script needs that talks at all.
TALKS = frozenset({"chat", "new_chat", "assistant"})


class UnsaidError(Exception):
    """Report what a parent does that Rasa's REST channel has no way to be told."""


class _Actions:
    """Serve the actions of whichever test runs, on one port."""

    def __init__(self) -> None:
        self.served: ServedActions | None = None
        app = Starlette(routes=[Route("/webhook", self._run, methods=["POST"])])
        config = uvicorn.Config(app, port=int(os.environ[ACTIONS]), log_level="error", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> None:
        """Serve from now on."""
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        """Serve no more."""
        self._server.should_exit = True
        self._thread.join()

    async def _run(self, request: Request) -> JSONResponse:
        assert self.served is not None
        try:
            result = await self.served.run(await request.json())
        except ActionExecutionRejection as rejected:
            told = {"error": rejected.message, "action_name": rejected.action_name}
            return JSONResponse(told, status_code=400)
        return JSONResponse(result.model_dump() if result else None)


class RasaComposer(Composer):
    """Let Rasa compose the answers."""

    def __init__(self, project: Project, actions: Sequence[Action], understanding: Understands) -> None:
        """Remember which conversations have been placed."""
        super().__init__(project, actions, understanding)
        self._placed: set[tuple[str, str]] = set()

    async def compose(self, scene: Scene, incoming: Incoming) -> Composed:
        """Send the message on, and word nothing of what comes back."""
        exchange = self._begin(scene, incoming)
        exchange.tracker.hear(Parse("", "", 1.0), scene.work.pending.turn_id)
        sender = scene.work.conversation.id
        replies = await asyncio.to_thread(self._asked, sender, scene, incoming)
        exchange.said = list(_drafts(replies))
        exchange.tracker.secret_pending = any(draft.secret for draft in exchange.said)
        said = incoming.text if incoming.kind is MessageKind.TEXT else ""
        return self._composed(exchange, scene, said)

    def _asked(self, sender: str, scene: Scene, incoming: Incoming) -> list[dict[str, Any]]:
        text, metadata = _message(scene, incoming)
        place = (sender, scene.district.slug if scene.district else "")
        # A connection that is kept would outlive the test.
        line = Line(int(os.environ[RASA]), {"Content-Type": "application/json"})
        try:
            if place not in self._placed:
                self._placed.add(place)
                line.post(f"/conversations/{sender}/tracker/events", place_of(place[1]))
            body = {"sender": sender, "message": text, "metadata": metadata}
            replies: list[dict[str, Any]] = line.post("/webhooks/rest/webhook", body)
        finally:
            line.close()
        return replies


def _message(scene: Scene, incoming: Incoming) -> tuple[str, Mapping[str, Any]]:
    """Say in Rasa's way what the parent did."""
    source = {"source": incoming.source}
    match incoming.kind:
        case MessageKind.TEXT:
            return incoming.text, source
        case MessageKind.BUTTON if scene.choice is not None:
            return scene.choice.payload, source
        case MessageKind.SECRET if scene.settled is not None:
            return "/nlu_fallback", {**source, OUTCOME: dict(scene.settled.outcome)}
        case MessageKind.OPENED if incoming.start is None:
            return "/greet", source
        case _:
            raise UnsaidError(incoming.kind.value)


def _drafts(replies: Sequence[Mapping[str, Any]]) -> Sequence[Draft]:
    """Put together again what Rasa's channel sends apart: words, then the rest of the same reply."""
    drafts: list[dict[str, Any]] = []
    for reply in replies:
        if "text" in reply or not drafts:
            buttons = tuple((each["title"], each["payload"]) for each in reply.get("buttons") or ())
            drafts.append({"text": reply.get("text") or "", "buttons": buttons})
        custom = dict(reply.get("custom") or {})
        for name in ("private", "secret"):
            if name in custom:
                drafts[-1][name] = custom.pop(name)
        if custom:
            drafts[-1]["custom"] = custom
        drafts[-1].update({name: reply[name] for name in ("image", "attachment") if reply.get(name)})
    return [Draft(**draft) for draft in drafts]


_actions = _Actions()


def make_assistant(
    portal: Portal,
    actions: Sequence[Action],
    understanding: Understands,
    project: Project | None = None,
    district: str | None = "westborough",
) -> Assistant:
    """Build an assistant that lets Rasa answer."""
    known = project or conversation.hallpass_project()
    made = Assistant(portal, known, actions, understanding, default_district=district)
    made._composer = RasaComposer(known, actions, understanding)  # noqa: SLF001  (the one part that is replaced)
    _actions.served = ServedActions(portal, known, actions)
    return made


# Before any conftest imports it by its name.
conversation.make_assistant = make_assistant


def pytest_sessionstart() -> None:
    """Serve the actions before the first test."""
    _actions.start()


def pytest_sessionfinish() -> None:
    """Serve no more after the last."""
    _actions.stop()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what does not talk."""
    talking = [item for item in items if TALKS & set(getattr(item, "fixturenames", ()))]
    config.hook.pytest_deselected(items=[item for item in items if item not in talking])
    items[:] = talking
