"""Let a family hear what staff say in its case, write back, and say whether it helped."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import Event, PortalAction, entity, offer, part
from portal.dialogue.outcomes import NewsKind
from portal.transaction import Transaction

OF_CASES = frozenset({NewsKind.CASE_TAKEN, NewsKind.CASE_SAID, NewsKind.CASE_LEFT, NewsKind.CASE_CLOSED})
# What a page that is open does: look often while staff are there, now and then while they may answer.
LIVE, WAITS, OVER = "live", "waits", "over"
BACK, REPLY, HELPED, NOT_HELPED = "back", "reply", "helped", "not_helped"


class CaseAction(PortalAction):
    """Work with a conversation's cases."""

    async def tell_of_case(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, news: Mapping[str, Any]
    ) -> list[Event]:
        """Tell one piece of news of a case, unless somebody else is here by now."""
        kind, values = NewsKind(news["kind"]), news.get("values") or {}
        if kind is NewsKind.CASE_SAID:
            await self._tell_words(dispatcher, tracker, str(values["entry"]))
            return []
        number = str(values["number"])
        here = tracker.sender_id
        if not await self.ask(lambda tx: tx.case_chats.may_hear(here, int(number))):
            return []
        if kind is NewsKind.CASE_TAKEN:
            said = {"name": values["name"], "number": number, "buttons": [_button(BACK)]}
            dispatcher.utter_message(response="utter_case_taken", custom=_mark(kind, LIVE), **said)
            # What was being filled in gives way: a person asks from here on.
            return [ActiveLoop(None), SlotSet("requested_slot", None)]
        if kind is NewsKind.CASE_LEFT:
            dispatcher.utter_message(response="utter_case_left", custom=_mark(kind, WAITS), number=number)
            return []
        buttons = [_button(HELPED, number), _button(NOT_HELPED, number)]
        dispatcher.utter_message(
            response="utter_case_closed", custom=_mark(kind, OVER), number=number, buttons=buttons
        )
        asked = offer("action_case_helped", otherwise="action_case_not_helped")
        return [SlotSet("case_number", number), asked]

    async def judge(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, number: str, *, helped: bool
    ) -> list[Event]:
        """Pass on whether it helped; a no opens the case again."""
        here = tracker.sender_id
        kept = number.isdigit() and await self.ask(
            lambda tx: tx.case_chats.judge(here, int(number), helped=helped)
        )
        said = "utter_case_helped" if helped else "utter_case_not_helped"
        dispatcher.utter_message(
            response=said if kept else "utter_case_moved_on",
            number=number,
            custom={"case": OVER if helped or not kept else WAITS},
        )
        return [SlotSet("case_number", None)]

    async def _tell_words(self, dispatcher: CollectingDispatcher, tracker: Tracker, entry: str) -> None:
        here = tracker.sender_id
        words = await self.ask(lambda tx: tx.case_chats.words(here, entry))
        if words is None:
            return
        button = _button(BACK) if words.is_live else _button(REPLY, str(words.number))
        dispatcher.utter_message(
            response="utter_case_said",
            custom=_mark(NewsKind.CASE_SAID, LIVE if words.is_live else WAITS),
            name=words.name,
            said=words.text,
            buttons=[button],
        )


class PressCaseButton(CaseAction):
    """Do what the button under what staff wrote says."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_case_button"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Look again whether it may still be done: buttons stay in a chat for long."""
        pressed, _, number = str(entity(tracker, "case") or "").partition("-")
        if pressed in {HELPED, NOT_HELPED}:
            return await self.judge(dispatcher, tracker, number, helped=pressed == HELPED)
        if pressed == REPLY and number.isdigit():
            here = tracker.sender_id
            joined = await self.ask(lambda tx: tx.case_chats.join(here, int(number)))
            key = "utter_case_gone" if joined is None else "utter_case_joined"
            buttons = [] if joined is None else [_button(BACK)]
            custom = {"case": OVER if joined is None else LIVE}
            dispatcher.utter_message(response=key, number=number, custom=custom, buttons=buttons)
            return []
        await hand_back(self, dispatcher, tracker)
        return []


class HandBack(CaseAction):
    """Let the assistant answer again."""

    def name(self) -> str:
        """Name the action that the engine performs when somebody types what the button says."""
        return "action_hand_back"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Leave the case open: staff may answer it later."""
        await hand_back(self, dispatcher, tracker)
        return []


class CaseHelped(CaseAction):
    """Take a yes to whether a case helped."""

    def name(self) -> str:
        """Name the action that the question offers."""
        return "action_case_helped"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Thank for it."""
        return await self.judge(dispatcher, tracker, str(tracker.get_slot("case_number") or ""), helped=True)


class CaseNotHelped(CaseAction):
    """Take a no to whether a case helped."""

    def name(self) -> str:
        """Name the action that the question offers otherwise."""
        return "action_case_not_helped"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Open the case again."""
        return await self.judge(dispatcher, tracker, str(tracker.get_slot("case_number") or ""), helped=False)


async def hand_back(action: PortalAction, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """End the talk with staff, and say who answers from here on."""

    def left(tx: Transaction) -> int | None:
        return tx.case_chats.leave(tracker.sender_id)

    number = await action.ask(left)
    if number is None:
        dispatcher.utter_message(response="utter_not_handed_over", custom={"case": OVER})
    else:
        dispatcher.utter_message(response="utter_handed_back", number=str(number), custom={"case": WAITS})


def _mark(kind: NewsKind, case: str) -> dict[str, str]:
    # A client that was away when it was told finds it again by the first mark.
    return {"news": kind.value, "case": case}


def _button(what: str, number: str = "") -> dict[str, Any]:
    titles = {
        BACK: "utter_button_hand_back",
        REPLY: "utter_button_write_back",
        HELPED: "utter_button_helped",
        NOT_HELPED: "utter_button_not_helped",
    }
    meant = f"{what}-{number}" if number else what
    return {"title": part(titles[what]), "payload": f'/talk_to_person{{"case": "{meant}"}}'}
