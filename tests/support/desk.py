"""Run a lending desk: small flows in real files, with real actions, on the real portal."""

import asyncio
import re
from datetime import date
from pathlib import Path
from typing import Any

from rasa_sdk.events import ActiveLoop, AllSlotsReset, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.conversation.project import Project, load_project
from bot.conversation.understanding import FALLBACK, Entity, Names, Parse
from portal.core.outcomes import Refused
from portal.dialogue.outcomes import Purpose
from portal.transaction import Portal

FILES = Path(__file__).resolve().parents[1] / "bot" / "conversation" / "desk"
COMMANDS = {
    "hello": "greet",
    "borrow": "borrow",
    "card": "get_card",
    "hours": "ask_hours",
    "shelf": "ask_shelf",
    "count": "count",
    "explode": "explode",
    "loop": "loop",
    "leave": "leave_form",
    "sign in": "sign_in",
    "sign out": "sign_out",
    "yes": "affirm",
    "no": "deny",
    "cancel": "cancel",
    "help": "ask_help",
    "again": "repeat",
    "restart": "restart",
    "language": "change_language",
    "person": "talk_to_person",
}
ENTITIES = {
    "title": r"called (\w+)",
    "number": r"\b(\d)\b",
    "username": r"username is (\w+)",
    "language": r"language (\w+)",
    "day": r"\b(\w+day)\b",
}


def desk_project() -> Project:
    """Load the files of the desk."""
    return load_project(FILES / "intents", FILES / "data", FILES / "config.yml")


class Keywords:
    """Understand a text by the command it starts with; a question mark makes it unsure."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def parse(self, text: str, *, language: str, names: Names, today: date) -> Parse:
        self.heard.append(text)
        found = (intent for command, intent in COMMANDS.items() if text.startswith(command))
        intent = next(found, FALLBACK)
        sureness = 0.5 if text.endswith("?") else 0.95
        entities = tuple(
            Entity(name, _value(name, match[1]), match.start(1), match.end(1))
            for name, pattern in ENTITIES.items()
            for match in re.finditer(pattern, text)
        )
        return Parse(text, intent, sureness, ((intent, sureness),), entities, language)


def _value(name: str, text: str) -> Any:
    return float(text) if name == "number" else text


class DeskAction(Action):
    """Hold the portal; the name of the class is the name of the action."""

    action = ""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def name(self) -> str:
        return self.action


class Lend(DeskAction):
    """Say what was lent and until when."""

    action = "action_lend"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Any:
        dispatcher.utter_message(
            response="utter_lent",
            title=tracker.get_slot("title"),
            count=tracker.get_slot("copies"),
            due={"date": "2026-11-05"},
        )
        return [SlotSet(name, None) for name in ("title", "copies", "confirmed")]


class Shelf(DeskAction):
    """Show something private, or sign in first and come back."""

    action = "action_shelf"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Any:
        with self.portal.begin() as tx:
            live = tx.sessions.current(tracker.sender_id)
        if isinstance(live, Refused):
            resume = {"action": self.action, "slots": {}}
            return [SlotSet("resume", resume), FollowupAction("sign_in_form")]
        lines = [
            {"response": "utter_shelf_line", "title": "Atlas", "count": 2},
            {"response": "utter_shelf_line", "title": "Emma", "count": 1},
        ]
        dispatcher.utter_message(
            response="utter_shelf",
            name=live.display_name,
            lines=lines,
            private=True,
            buttons=[
                {
                    "title": {"response": "utter_shelf_line", "title": "All", "count": 3},
                    "payload": "/ask_shelf",
                }
            ],
        )
        return [SlotSet("resume", None)]


class Count(DeskAction):
    """Count how often it ran, slowly enough that two processes meet."""

    action = "action_count"
    pause = 0.0
    entered: asyncio.Event | None = None
    gate: asyncio.Event | None = None

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Any:
        await asyncio.sleep(self.pause)
        if self.entered and self.gate:
            self.entered.set()
            await self.gate.wait()
        total = int(tracker.get_slot("total")) + 1
        dispatcher.utter_message(response="utter_count", count=total)
        return [SlotSet("total", total)]


class Explode(DeskAction):
    """Fail in the ways that actions fail."""

    action = "action_explode"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Any:
        text = tracker.latest_message["text"]
        if "slot" in text:
            return [SlotSet("nowhere", 1)]
        if "event" in text:
            return [{"event": "undo"}]
        if "json" in text:
            return [SlotSet("title", date.min)]
        if "words" in text:
            dispatcher.utter_message(response="utter_hours_of_days", days=None)
            return []
        if "custom" in text:
            dispatcher.utter_message(json_message={"when": date.min})
            return []
        raise ValueError(text)


class Loop(DeskAction):
    """Follow itself for ever."""

    action = "action_loop"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Any:
        return [FollowupAction("action_loop")]


class AskPassword(DeskAction):
    """Open a ticket for the password."""

    action = "action_ask_sign_in_form_secret_outcome"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Any:
        username = tracker.get_slot("username")
        context = {"district": tracker.get_slot("district"), "username": username}
        with self.portal.begin() as tx:
            ticket = tx.dialogue.open_ticket(tracker.sender_id, Purpose.SIGN_IN, context, ["password"])
        dispatcher.utter_message(
            response="utter_ask_password",
            username=username,
            secret={"purpose": "sign_in", "ticket": ticket.token, "fields": ["password"]},
        )
        return []


class SettleSignIn(DeskAction):
    """Say how it went, and go on with the question that needed it."""

    action = "action_settle_sign_in"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Any:
        outcome = tracker.get_slot("secret_outcome")
        if outcome["outcome"] != "signed_in":
            again = [{"title": "Once more", "payload": '/sign_in{"again": true}'}]
            buttons = again if outcome["reason"] == "bad_credentials" else []
            dispatcher.utter_message(response="utter_refused", why=outcome["reason"], buttons=buttons)
            return [SlotSet("secret_outcome", None)]
        dispatcher.utter_message(response="utter_signed_in", name=outcome["name"])
        resume = tracker.get_slot("resume")
        return [FollowupAction(resume["action"])] if resume else []


class SignOut(DeskAction):
    """End the session."""

    action = "action_sign_out"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Any:
        with self.portal.begin() as tx:
            tx.sessions.end(tracker.sender_id)
        dispatcher.utter_message(response="utter_signed_out")
        return [AllSlotsReset()]


class TalkToPerson(DeskAction):
    """Offer a person."""

    action = "action_talk_to_person"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Any:
        dispatcher.utter_message(response="utter_person")
        return []


class ValidateBorrowForm(FormValidationAction):
    """Refuse more than five copies; an atlas needs no confirmation."""

    def name(self) -> str:
        return "validate_borrow_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Any:
        events = await super().run(dispatcher, tracker, domain)
        rare = tracker.get_slot("title") == "Folio"
        return [*events, ActiveLoop(None), FollowupAction("utter_not_lent")] if rare else events

    async def required_slots(
        self, domain_slots: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Any:
        return domain_slots[:2] if tracker.get_slot("title") == "Atlas" else domain_slots

    def validate_copies(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Any:
        if value > 5:
            dispatcher.utter_message(response="utter_too_many")
            return {"copies": None}
        return {"copies": int(value)}


DESK_ACTIONS = (
    Lend,
    Shelf,
    Count,
    Explode,
    Loop,
    AskPassword,
    SettleSignIn,
    SignOut,
    TalkToPerson,
)


def desk_actions(portal: Portal) -> list[Action]:
    """Return the desk's actions on a portal."""
    return [*(action(portal) for action in DESK_ACTIONS), ValidateBorrowForm()]
