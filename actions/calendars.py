"""Give out the private calendars of a child's homework and events."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.also_asked import Asked
from actions.base import Words, part
from actions.child_question import ChildQuestion
from actions.refusals import button
from portal.core.districts import District
from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.feeds import Feed, FeedKind
from portal.transaction import Portal, Transaction

INTENT = "subscribe_calendar"
BOTH = "both"


@dataclass(frozen=True, slots=True)
class Subscribed:
    """Hold the calendars that a parent is given; none while it is open which one is wanted."""

    student: str
    base: str = ""
    feeds: tuple[Feed, ...] = ()


class SubscribeCalendar(ChildQuestion[Subscribed]):
    """Give the address of a child's homework or events to put into a calendar program."""

    intent = INTENT
    intents = frozenset({INTENT})
    is_of_a_course = False

    def __init__(self, portal: Portal, threads: Executor, public_url: str | None) -> None:
        """Take also the address of districts that name none of their own."""
        super().__init__(portal, threads)
        self._public_url = public_url

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_subscribe_calendar"

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> Subscribed | Refused:
        """Find the child, and the calendars that are named."""
        family = tx.records.of(conversation)
        if isinstance(family, Refused):
            return family
        child = family.child(question.student)
        if isinstance(child, Refused):
            return child
        feeds = []
        for kind in (
            FeedKind if question.calendar == BOTH else [k for k in FeedKind if k == question.calendar]
        ):
            feed = tx.feeds.subscribe(conversation, child.label, kind)
            if isinstance(feed, Refused):
                return feed
            feeds.append(feed)
        return Subscribed(child.label, base_of(family.district(), self._public_url) or "", tuple(feeds))

    def tell(self, dispatcher: CollectingDispatcher, answer: Subscribed, asked: Asked, today: date) -> str:
        """Tell the addresses, how to add them, and that they are to be kept; or ask which it shall be."""
        if answer.feeds:
            advice = [part("utter_calendar_how_to_add"), part("utter_calendar_keep_it")]
            lines = [*addresses(answer.feeds, answer.base), *advice]
            links = {"calendars": links_of(answer.feeds, answer.base)}
            dispatcher.utter_message(
                **part("utter_calendar_address", lines=lines), custom=links, private=True
            )
            return answer.student
        buttons = [_choice(kind, asked, answer.student) for kind in (*FeedKind, BOTH)]
        which = part("utter_which_calendar", student=answer.student)
        dispatcher.utter_message(**which, buttons=buttons, private=True)
        return answer.student

    def keeps(self, asked: Asked) -> dict[str, Any]:
        """Take "a calendar" for one of these from now on, and for none of attendance."""
        return {"attended": None}

    async def _instead(self, tracker: Tracker) -> str | None:
        instead = await super()._instead(tracker)
        if instead is None and base_of(await self.district(tracker), self._public_url) is None:
            return "utter_calendar_no_address"
        return instead


def base_of(district: District, public_url: str | None) -> str | None:
    """Return what the addresses of a district's calendars begin with, or None where nothing is set up."""
    base = district.options.public_base_url or public_url
    return base.rstrip("/") if base else None


def addresses(feeds: Sequence[Feed], base: str) -> list[Words]:
    """Return the address of each calendar to copy, and once more to open in a calendar program."""
    bare = base.removeprefix(f"{urlsplit(base).scheme}:")
    return [
        line
        for feed in feeds
        for line in (
            part(f"utter_calendar_is_{feed.kind}", student=feed.student),
            part("utter_calendar_https", address=f"{base}{feed.path}"),
            part("utter_calendar_webcal", address=f"webcal:{bare}{feed.path}"),
        )
    ]


def links_of(feeds: Sequence[Feed], base: str) -> dict[str, str]:
    """Return the address of each calendar by its kind, for a channel that can make a button of it."""
    return {feed.kind.value: f"{base}{feed.path}" for feed in feeds}


def _choice(kind: str, asked: Asked, student: str) -> dict[str, str]:
    title = part(f"utter_calendar_{kind}_title")
    return button(title, INTENT, {**asked, "student": student, "calendar": kind})
