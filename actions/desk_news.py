"""Tell in the conversation what the school's staff did for its family."""

from collections.abc import Mapping

from rasa_sdk.executor import CollectingDispatcher

from actions.base import Event, offer
from actions.places import facts
from actions.request_reply import QUESTION
from portal.core.districts import District
from portal.dialogue.outcomes import NewsKind

OF_DESK = frozenset(
    {
        NewsKind.REQUEST_APPROVED,
        NewsKind.REQUEST_REJECTED,
        NewsKind.REQUEST_QUESTION,
        NewsKind.ACCOUNTS_MERGED,
    }
)


def tell_of_desk(
    dispatcher: CollectingDispatcher, kind: NewsKind, values: Mapping[str, str], district: District
) -> list[Event]:
    """Tell it, whoever is signed in; a yes to a question begins the answer."""
    mark = {"news": kind.value}
    if kind is NewsKind.REQUEST_REJECTED:
        cause = values.get("cause", "")
        dispatcher.utter_message(
            response=f"utter_news_request_rejected_{cause}", custom=mark, **facts(district)
        )
        if values.get("words"):
            dispatcher.utter_message(response="utter_news_school_wrote", words=values["words"])
        return []
    dispatcher.utter_message(response=f"utter_news_{kind.value}", custom=mark, words=values.get("words", ""))
    return [offer("action_begin_message", {"message_about": QUESTION})] if kind is _ASKED else []


_ASKED = NewsKind.REQUEST_QUESTION
