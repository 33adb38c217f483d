"""Hold the tracker: what has been said, the slots, the form that runs and those that wait."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from bot.conversation.project import OFFER, Project
from bot.conversation.understanding import Entity, Parse
from portal.core.shallow import by_name

# No action of ours looks back further, and each turn writes them all anew.
MOST_EVENTS = 30
MOST_WAITING = 4
MOST_TURNS_PUT_OFF = 12
REQUESTED = "requested_slot"
# These have the same answer for everybody, also for those who have just signed out.
FOR_EVERYBODY = frozenset({"ask_access_id", "ask_district_code", "ask_portal_address"})
# Holds the question that waits for what is missing: which child, which course, who it is that asks.
RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Draft:
    """Hold one worded reply whose buttons still carry what they mean."""

    text: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    image: str | None = None
    image_alt: str = ""
    attachment: str | None = None
    attachment_title: str = ""
    custom: Mapping[str, Any] = field(default_factory=dict)
    secret: Mapping[str, Any] | None = None
    private: bool = False

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the draft that was stored."""
        buttons = tuple((title, payload) for title, payload in stored["buttons"])
        return cls(**{**stored, "buttons": buttons})


@dataclass(slots=True)
class Tracker:
    """Follow one conversation; everything in it is JSON and survives a restart."""

    conversation: str
    slots: dict[str, Any]
    events: list[dict[str, Any]] = field(default_factory=list)
    latest: dict[str, Any] = field(default_factory=dict)
    loop: str | None = None
    waiting: list[str] = field(default_factory=list)
    fallbacks: int = 0
    turns: int = 0
    secret_pending: bool = False
    last_replies: list[dict[str, Any]] = field(default_factory=list)
    # What else the parent asked in one message, and since which turn it waits.
    later: dict[str, Any] | None = None
    # Whoever was signed in last: what waits to be filled in is theirs.
    account: str | None = None
    offered_language: str | None = None
    offered_district: str | None = None
    # Whether answers are given aloud, too; None before that was ever offered.
    aloud: bool | None = None
    # Under what the attempts of this message are counted; it is not kept.
    source: str = ""

    @classmethod
    def restored(cls, project: Project, conversation: str, state: Mapping[str, Any] | None) -> Self:
        """Return the tracker as stored; what this version no longer knows is dropped."""
        slots = {name: slot.initial for name, slot in project.slots.items()}
        if state is None:
            return cls(conversation, slots)
        known = {each.name for each in fields(cls)} - {"conversation"}
        stored = {name: value for name, value in state.items() if name in known}
        slots |= {name: value for name, value in stored.pop("slots").items() if name in slots}
        tracker = cls(conversation, slots, **stored)
        tracker.waiting = [form for form in tracker.waiting if form in project.forms]
        if tracker.loop not in project.forms:
            tracker.leave()
        return tracker

    def stored(self) -> dict[str, Any]:
        """Return what must be kept between two messages."""
        state = by_name(self)
        del state["conversation"], state["source"]
        state["slots"] = {name: value for name, value in self.slots.items() if value is not None}
        return state

    def hear(self, parse: Parse, turn_id: str, *, recorded: bool = True) -> None:
        """Take in a message; an unrecorded one leaves no word of it behind."""
        self.turns += 1
        data = _parse_data(parse) if recorded else _parse_data(Parse("", "", 1.0))
        self.latest = {**data, "message_id": turn_id}
        # What it might have meant besides is looked at in the latest message alone.
        meant = {name: data[name] for name in ("intent", "entities")}
        self._add({"event": "user", "parse_data": meant, "text": data["text"], "message_id": turn_id})

    def heard(self) -> Parse:
        """Return the latest message as it was understood."""
        return _parsed(self.latest)

    def put_off(self, parse: Parse | None, account: str | None = None) -> None:
        """Keep what else a message asks, and who asks it; an older question that waits gives way to it."""
        if parse is not None:
            self.later = {**_parse_data(parse), "since": self.turns, "account": account}
            self.later["also"] = _parse_data(parse.also) if parse.also else None

    def take_put_off(self, account: str | None = None) -> Parse | None:
        """Return the question that waits, unless something must be filled in first, or others asked it."""
        waiting = self.later
        if waiting is None or self.loop is not None or self.secret_pending or self.slots.get(RESUME):
            return None
        self.later = None
        # It holds the children's names of whoever was signed in.
        if waiting.get("account") not in {None, account}:
            return None
        # Whoever has gone on to other things no longer waits for it.
        if self.turns - waiting["since"] > MOST_TURNS_PUT_OFF:
            return None
        also = waiting["also"]
        return replace(_parsed(waiting), also=_parsed(also) if also else None)

    def belong_to(self, account: str | None) -> None:
        """Take note of who is signed in; the forms that wait since another's session never come back."""
        if account is not None and self.account not in {None, account}:
            self.waiting = []
            # Another parent at the same device has not asked to be answered aloud.
            self.aloud = None
        self.account = account or self.account

    def apply(self, event: Mapping[str, Any]) -> None:
        """Apply one event that an action returned, or that the engine itself makes."""
        match event["event"]:
            case "slot":
                self.slots[event["name"]] = event["value"]
            case "active_loop" | "form":
                self.loop = event["name"]
            case "reset_slots" | "restart":
                self._reset(everything=event["event"] == "restart")
            case _:
                pass
        self._add(dict(event))

    def set(self, slot: str, value: Any) -> None:
        """Set a slot, if it changes anything."""
        if self.slots.get(slot) != value:
            self.apply({"event": "slot", "name": slot, "value": value})

    @property
    def may_hear_secret(self) -> bool:
        """Tell whether what is typed next may be a secret: one is awaited, or one was just refused."""
        return self.secret_pending or self.takes_name

    @property
    def takes_name(self) -> bool:
        """Tell whether a bare word would be taken as the name that another try begins with."""
        return "types" in (self.slots.get(OFFER) or {})

    def enter(self, form: str) -> None:
        """Make a form the active one; the one that was active waits for its end."""
        if self.loop is not None and self.loop != form:
            self.waiting = [f for f in self.waiting if f not in {form, self.loop}] + [self.loop]
            self.waiting = self.waiting[-MOST_WAITING:]
        self.apply({"event": "active_loop", "name": form})
        self.set(REQUESTED, None)
        self.secret_pending = False

    def leave(self) -> None:
        """Leave the active form."""
        self.apply({"event": "active_loop", "name": None})
        self.set(REQUESTED, None)
        self.secret_pending = False

    def called(self, candidates: Mapping[str, Any]) -> dict[str, Any]:
        """Return a copy for rasa-sdk, with the candidates as the trailing run of slot events.

        A copy, because actions change what they are given; by way of JSON, which is the quickest.
        """
        events = [{"event": "slot", "name": name, "value": v} for name, v in candidates.items()]
        state = {
            "sender_id": self.conversation,
            "slots": {**self.slots, **candidates},
            "latest_message": {**self.latest, "metadata": {"source": self.source}},
            "events": [*self.events, {"event": "action", "name": "action_listen"}, *events],
            "paused": False,
            "active_loop": {"name": self.loop} if self.loop else {},
            "latest_action_name": None,
        }
        copied: dict[str, Any] = json.loads(json.dumps(state))
        return copied

    def _reset(self, *, everything: bool) -> None:
        kept = {name: self.slots.get(name) for name in ("district", "language", "channel")}
        self.slots = {**dict.fromkeys(self.slots), **kept}
        # What waits to be filled in has lost what it was filled with.
        self.waiting = []
        if everything or not self._asks_beside():
            self.later = None
        if everything:
            self.loop, self.secret_pending = None, False

    def _asks_beside(self) -> bool:
        """Tell whether the message that is being answered also asks what anybody may know."""
        later = self.later or {}
        asked = [one["intent"]["name"] for one in (later, later.get("also")) if one]
        return later.get("since") == self.turns and FOR_EVERYBODY.issuperset(asked)

    def _add(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        del self.events[:-MOST_EVENTS]


def _parsed(data: Mapping[str, Any]) -> Parse:
    intent = data.get("intent", {})
    entities = (Entity(e["entity"], e["value"], e["start"], e["end"]) for e in data.get("entities", ()))
    text, name = data.get("text", ""), intent.get("name", "")
    return Parse(text, name, intent.get("confidence", 0.0), entities=tuple(entities))


def _parse_data(parse: Parse) -> dict[str, Any]:
    return {
        "text": parse.text,
        "intent": {"name": parse.intent, "confidence": parse.confidence},
        "intent_ranking": [{"name": name, "confidence": c} for name, c in parse.ranking[:3]],
        "entities": [
            {"entity": e.name, "value": e.value, "start": e.start, "end": e.end} for e in parse.entities
        ],
    }
