"""List the private calendars that a parent has, switch them off, or give them a new address."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.also_asked import Asked
from actions.base import Event, PortalAction, Words, entity, part, wants_steps
from actions.calendars import BOTH, INTENT, addresses, base_of, links_of
from actions.places import facts
from actions.refusals import button, refusal
from actions.sessions import ask_to_sign_in, needs_session
from portal.core.districts import District
from portal.core.outcomes import Refused
from portal.records.answers import Child
from portal.records.feeds import Feed, FeedRevoked
from portal.transaction import Portal, Transaction

NAMED = ("student", "calendar", "subscription", "feed")
STOP, STOP_ALL, RENEW = "stop", "stop_all", "renew"


@dataclass(frozen=True, slots=True)
class Mine:
    """Hold the calendars to choose from; `others` is on where none of them is the one that was named."""

    feeds: tuple[Feed, ...]
    others: bool = False


@dataclass(frozen=True, slots=True)
class Stopped:
    """Hold the calendars that were switched off."""

    feeds: tuple[FeedRevoked, ...]


@dataclass(frozen=True, slots=True)
class Renewed:
    """Hold a calendar that was given a new address."""

    feed: Feed


Changed = Mine | Stopped | Renewed | Refused


class ManageCalendars(PortalAction):
    """List the calendars that a parent has, switch them off, or give them a new address."""

    def __init__(self, portal: Portal, threads: Executor, public_url: str | None) -> None:
        """Take also the address of districts that name none of their own."""
        super().__init__(portal, threads)
        self._public_url = public_url

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_manage_calendars"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Do what is asked where it is clear which calendar is meant; else offer the ones that there are."""
        asked = self._asked_now(tracker)
        district, found = await self.ask_here(tracker, lambda tx: _changed(tx, tracker.sender_id, asked))
        match found:
            case Refused():
                return self._refuse(dispatcher, tracker, district, asked, found)
            case Mine():
                dispatcher.utter_message(**_listed(found, asked, district), private=True)
            case Stopped():
                dispatcher.utter_message(**_stopped(found), private=True)
            case Renewed():
                base = base_of(district, self._public_url) or ""
                dispatcher.utter_message(**_renewed(found, base), private=True)
        return [SlotSet("resume", None)]

    def _asked_now(self, tracker: Tracker) -> Asked:
        resume = tracker.get_slot("resume") or {}
        asked = {name: entity(tracker, name) for name in NAMED}
        if not any(asked.values()) and resume.get("action") == self.name():
            return dict(resume.get("slots") or {})
        if wants_steps(tracker):
            # How it is done is shown best by the buttons that do it.
            asked["subscription"] = None
        return {name: value for name, value in asked.items() if value}

    def _refuse(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        district: District,
        asked: Asked,
        refused: Refused,
    ) -> list[Event]:
        if needs_session(refused):
            resume = {"action": self.name(), "slots": asked}
            return ask_to_sign_in(dispatcher, tracker, district, refused, resume)
        words, buttons = refusal(refused, asked, INTENT)
        dispatcher.utter_message(**words, buttons=buttons, private=True, **facts(district))
        return [SlotSet("resume", None)]


def _changed(tx: Transaction, conversation: str, asked: Asked) -> Changed:
    mine = tx.feeds.mine(conversation)
    if isinstance(mine, Refused):
        return mine
    child = tx.records.child(conversation, asked["student"]) if asked.get("student") else None
    if isinstance(child, Refused):
        return child
    meant = _meant(mine, asked, child)
    match asked.get("subscription"):
        case "stop_all":
            return _stop(tx, conversation, meant)
        case "stop" if len(meant) == 1:
            return _stop(tx, conversation, meant)
        case "renew" if len(meant) == 1:
            feed = tx.feeds.renew(conversation, meant[0].feed_id)
            return feed if isinstance(feed, Refused) else Renewed(feed)
        case _:
            return Mine(meant or mine, others=not meant)


def _stop(tx: Transaction, conversation: str, feeds: Sequence[Feed]) -> Changed:
    if not feeds:
        return Mine(())
    done = [tx.feeds.revoke(conversation, each.feed_id) for each in feeds]
    return Stopped(tuple(each for each in done if isinstance(each, FeedRevoked)))


def _meant(mine: Sequence[Feed], asked: Asked, child: Child | None) -> tuple[Feed, ...]:
    kind = asked.get("calendar", BOTH)
    return tuple(
        feed
        for feed in mine
        if asked.get("feed", feed.feed_id) == feed.feed_id
        and (child is None or feed.student == child.label)
        and kind in (BOTH, feed.kind)
    )


def _listed(found: Mine, asked: Asked, district: District) -> dict[str, Any]:
    if not found.feeds:
        return part("utter_calendars_none")
    doing = asked.get("subscription")
    head = {STOP: "utter_calendars_which_to_stop", RENEW: "utter_calendars_which_to_renew"}
    first = "utter_calendars_none_such" if found.others else head.get(doing or "", "utter_calendars_head")
    zone = ZoneInfo(district.options.time_zone)
    lines = [part(first), *(_line(feed, zone) for feed in found.feeds)]
    buttons = [_button(feed, RENEW if doing == RENEW else STOP) for feed in found.feeds]
    if doing != RENEW and len(found.feeds) > 1:
        buttons.append(button(part("utter_calendar_stop_all"), INTENT, {"subscription": STOP_ALL}))
    return {**part("utter_calendars_listed", lines=lines), "buttons": buttons}


def _line(feed: Feed, zone: ZoneInfo) -> Words:
    unread = part("utter_calendar_unread")
    read = part("utter_calendar_read", day=_day(feed.read_at, zone)) if feed.read_at else unread
    since = _day(feed.created_at, zone)
    return part(f"utter_calendar_line_{feed.kind}", student=feed.student, since=since, read=read)


def _day(at: datetime, zone: ZoneInfo) -> dict[str, str]:
    return {"date": at.astimezone(zone).date().isoformat()}


def _button(feed: Feed, doing: str) -> dict[str, str]:
    title = part(f"utter_calendar_{doing}_{feed.kind}", student=feed.student)
    return button(title, INTENT, {"subscription": doing, "feed": feed.feed_id})


def _stopped(found: Stopped) -> Words:
    lines = [part(f"utter_calendar_stopped_{each.kind}", student=each.student) for each in found.feeds]
    return part("utter_calendars_stopped", lines=[*lines, part("utter_calendar_remove_it")])


def _renewed(found: Renewed, base: str) -> Words:
    lines = [part("utter_calendar_renewed"), *addresses([found.feed], base), part("utter_calendar_keep_it")]
    custom = {"calendars": links_of([found.feed], base)}
    return {**part("utter_calendar_address", lines=lines), "custom": custom}
