"""Word the refusals that a conversation meets rarely, or only from a portal yet to come."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.base import PortalAction
from actions.change_password import SettleChangePassword
from actions.grades import TellGrades
from actions.refusals import refusal
from actions.sign_in import SettleSignIn, refusal_words
from portal.core.districts import District
from portal.core.outcomes import Reason, Refused
from portal.transaction import Portal


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


def tracker(**slots: Any) -> Tracker:
    given = {"district": "westborough", **slots}
    return Tracker("conversation", given, {}, [], False, None, {}, None)


async def run(action: PortalAction, seen: Tracker) -> tuple[list[str], list[dict[str, Any]]]:
    dispatcher = CollectingDispatcher()
    events = await action.run(dispatcher, seen, {})
    return [message["response"] for message in dispatcher.messages], events


async def test_a_change_that_ends_the_session_asks_to_sign_in_with_the_new_password(
    portal: Portal, threads: ThreadPoolExecutor, district: District
) -> None:
    outcome = {"outcome": "password_changed", "signed_in": False}

    said, events = await run(SettleChangePassword(portal, threads), tracker(secret_outcome=outcome))

    assert said == ["utter_password_changed_sign_in"]
    assert events[-1] == {"event": "followup", "timestamp": None, "name": "sign_in_form"}


async def test_a_session_gone_between_sign_in_and_welcome_is_not_welcomed(
    portal: Portal, threads: ThreadPoolExecutor, district: District
) -> None:
    outcome = {"outcome": "signed_in", "name": "Marisol López"}

    said, _ = await run(SettleSignIn(portal, threads), tracker(secret_outcome=outcome))

    assert "utter_welcome" not in said


async def test_a_question_with_nothing_to_go_on_is_asked_anew(
    portal: Portal, threads: ThreadPoolExecutor, district: District
) -> None:
    said, events = await run(TellGrades(portal, threads), tracker())

    assert said == ["utter_sign_in_first"]
    assert events[0]["value"] == {"action": "action_tell_grades", "slots": {"said": ""}}


async def test_a_conversation_without_a_district_is_a_mistake_and_not_answered(
    portal: Portal, threads: ThreadPoolExecutor
) -> None:
    with pytest.raises(LookupError):
        await run(TellGrades(portal, threads), tracker(district=None))


def test_a_pause_without_an_end_promises_none() -> None:
    assert refusal_words({"reason": "throttled"})["response"] == "utter_throttled_soon"


@pytest.mark.parametrize(
    ("reason", "choices", "key"),
    [
        (Reason.WHICH_COURSE, ("Art I", "Art II"), "utter_which_course"),
        (Reason.NO_SUCH_COURSE, (), "utter_no_such_course_at_all"),
        (Reason.NO_SUCH_TERM, (), "utter_no_such_term_at_all"),
        (Reason.NO_SUCH_TERM, ("Fall",), "utter_no_such_term"),
    ],
)
def test_each_refusal_of_a_question_offers_what_there_is(
    reason: Reason, choices: tuple[str, ...], key: str
) -> None:
    words, buttons = refusal(Refused(reason, choices=choices), {"student": "Maya"}, "ask_grades")

    assert words["response"] == key
    assert [button["title"] for button in buttons] == list(choices)
    assert all(button["payload"].startswith('/ask_grades{"student": "Maya"') for button in buttons)
