"""Tell in the conversation what its parent did on a page that a mail led to, or what came by mail."""

import json
from collections.abc import Mapping
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import Event, is_filling_in, offer, part
from actions.cases import OF_CASES, CaseAction
from actions.desk_news import OF_DESK, tell_of_desk
from actions.digest_words import digest_lines
from actions.places import facts
from portal.accounts.outcomes import LiveSession
from portal.core.outcomes import Refused
from portal.dialogue.outcomes import NewsKind


class TellNews(CaseAction):
    """Tell one piece of news, and offer to sign in where that is what comes next."""

    def name(self) -> str:
        """Name the action that the engine performs for news."""
        return "action_tell_news"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Offer nothing to whoever is signed in already, or about to be."""
        news: Mapping[str, Any] = tracker.get_slot("news") or {}
        kind = NewsKind(news.get("kind", ""))
        if kind in OF_CASES:
            return await self.tell_of_case(dispatcher, tracker, news)
        # Hearing of it is nothing that the parent does: it keeps no session alive.
        live = await self.ask(lambda tx: tx.sessions.current(tracker.sender_id, touch=False), read_only=True)
        if kind in OF_DESK:
            return tell_of_desk(dispatcher, kind, news.get("values") or {}, await self.district(tracker))
        # A client that was away when it was told finds it again by this mark.
        mark = {"news": kind.value}
        if kind is NewsKind.NOTIFICATION and await self._told_all(dispatcher, tracker, live):
            return []
        if _is_locked(news):
            # An offer to sign in would lead to a refusal (R15).
            district = await self.district(tracker)
            dispatcher.utter_message(
                response="utter_news_password_set_locked", custom=mark, **facts(district)
            )
            return []
        if isinstance(live, LiveSession) or is_filling_in(tracker, "sign_in_form"):
            dispatcher.utter_message(response=f"utter_news_{kind.value}", custom=mark)
            return []
        username = _username(kind, news)
        named = json.dumps({"username": username}) if username else ""
        dispatcher.utter_message(
            response="utter_news_and_sign_in",
            news=part(f"utter_news_{kind.value}"),
            custom=mark,
            buttons=[{"title": part("utter_button_sign_me_in"), "payload": f"/sign_in{named}"}],
        )
        return [offer("sign_in_form", {"username": username, "secret_outcome": None})]

    async def _told_all(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, live: LiveSession | Refused
    ) -> bool:
        """Tell what a regular mail says, where the parent opted into hearing it here."""
        values = (tracker.get_slot("news") or {}).get("values") or {}
        digest = await self.ask(lambda tx: tx.digests.for_chat(tracker.sender_id, values), read_only=True)
        if digest is None:
            return False
        dispatcher.utter_message(
            response="utter_news_digest",
            student=digest.student,
            lines=digest_lines(digest),
            custom={"news": NewsKind.NOTIFICATION.value},
            private=isinstance(live, LiveSession),
        )
        return True


def _is_locked(news: Mapping[str, Any]) -> bool:
    return bool((news.get("values") or {}).get("locked"))


def _username(kind: NewsKind, news: Mapping[str, Any]) -> str | None:
    # Whoever recovered a password has typed the name here. A confirmed address may have been asked
    # for by somebody who knows the address alone: the name is for the mail to tell, not for the chat.
    if kind is not NewsKind.PASSWORD_SET:
        return None
    username = (news.get("values") or {}).get("username")
    return str(username) if username else None
