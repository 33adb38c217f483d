"""See course requests, register for next year's classes and drop one: nothing counts before a yes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import pytest

from actions import all_actions
from bot.conversation.project import Project
from bot.conversation.understanding import Names, Parse, Understanding
from portal.core.districts import District
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.flows.next_year import requested
from tests.support.conversation import Chat, make_assistant

pytestmark = pytest.mark.usefixtures("courses")


@pytest.mark.requirement("R99")
async def test_requests_are_shown_with_what_became_of_them_and_what_is_open(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("What classes did Maya request?")

    assert chat.text.splitlines() == [
        "These classes are asked for, for Maya in the school year 2027 to 2028:",
        "- French 1: approved by the school",
        "- Studio Art: requested, the school has not decided yet",
        "Registration at Assabet Ridge School is open until November 30, 2026, that day included.",
        "Each student chooses 3 to 4 classes.",
        "Maya can still choose Algebra II, Biology, Chemistry and French 2.",
    ]
    assert chat.replies[0].private
    assert chat.titles == ["Register for classes"]


@dataclass(frozen=True)
class HalfHeard:
    """Understand as the product does, but every yes by half only."""

    whole: Understanding

    def parse(self, text: str, *, language: str, names: Names, today: date) -> Parse:
        parse = self.whole.parse(text, language=language, names=names, today=today)
        return replace(parse, confidence=0.7) if parse.intent == "affirm" else parse


@pytest.fixture
def half_heard(
    portal: Portal, project: Project, understanding: Understanding, district: District
) -> Iterator[Chat]:
    assistant = make_assistant(portal, all_actions(portal), HalfHeard(understanding), project)
    yield Chat(assistant, district=district.slug)
    assistant.close()


@pytest.mark.requirement("R99")
async def test_a_yes_that_is_half_understood_is_asked_for_again(portal: Portal, half_heard: Chat) -> None:
    await sign_in(half_heard)
    await half_heard.say("sign Leo up for Biology and chemistry")
    before = requested(portal)

    await half_heard.say("i guess")
    asked_again, after = half_heard.text, requested(portal)
    await half_heard.press("Yes")

    assert "Shall I register Leo now?" in asked_again
    assert after == before
    assert requested(portal) != before


@pytest.mark.requirement("R99")
async def test_a_class_is_registered_only_after_the_summary_was_confirmed(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("sign Leo up for Biology and chemistry")
    summary, before = chat.text, requested(portal)
    await chat.say("yes")

    assert summary.splitlines() == [
        "This is what I would register, for Leo in the school year 2027 to 2028 at Assabet Ridge School:",
        "- Biology",
        "- Chemistry",
        "Leo needs at least 3 classes in all, so more are still to be chosen.",
        "Nothing is registered yet. Shall I register Leo now?",
    ]
    assert before == []
    assert chat.text.startswith("Done: Leo is registered for Biology and Chemistry in the school year 2027")
    assert "Until November 30, 2026 you can still add a class or drop one" in chat.text
    assert requested(portal) == ["Biology", "Chemistry"]


async def test_no_registers_nothing(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")

    await chat.say("no")

    assert chat.text.startswith("All right, nothing was changed.")
    assert requested(portal) == []


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("no, Chemistry instead", ["- Chemistry"]),
        ("add Chemistry", ["- Biology", "- French 1", "- Chemistry"]),
        ("and Chemistry too", ["- Biology", "- French 1", "- Chemistry"]),
        ("yes and Chemistry", ["- Biology", "- French 1", "- Chemistry"]),
        ("without French 1", ["- Biology"]),
        ("drop French 1", ["- Biology"]),
        ("Chemistry instead of Biology", ["- French 1", "- Chemistry"]),
        ("yes, but not French 1", ["- Biology"]),
    ],
)
async def test_a_correction_changes_the_summary_and_is_confirmed_anew(
    portal: Portal, chat: Chat, said: str, lines: list[str]
) -> None:
    await sign_in(chat)
    await chat.say("register Leo for Biology and French 1")

    await chat.say(said)
    shown = [line for line in chat.text.splitlines() if line.startswith("- ")]
    before = requested(portal)
    await chat.say("yes")

    assert shown == lines
    assert before == []
    assert sorted(f"- {title}" for title in requested(portal)) == sorted(lines)


async def test_of_several_classes_that_fit_one_is_chosen_by_a_button(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("register Leo for french and biology")
    asked, titles = chat.text, chat.titles

    await chat.press("French 2")

    assert asked == 'Which class do you mean by "french"?'
    assert titles == ["French 1", "French 2"]
    assert [line for line in chat.text.splitlines() if line.startswith("- ")] == ["- Biology", "- French 2"]
    assert requested(portal) == []


async def test_a_class_registered_here_is_dropped_once_that_is_confirmed(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("register Leo for Biology and Chemistry")
    await chat.say("yes")

    await chat.say("drop the biology request")
    summary, before = chat.text, requested(portal)
    await chat.say("yes")

    assert "Nothing is changed yet. Shall I take it back now?" in summary
    assert before == ["Biology", "Chemistry"]
    assert chat.text.startswith("Done: Leo is no longer registered for Biology")
    assert requested(portal) == ["Chemistry"]


async def test_what_the_school_has_already_only_the_school_takes_back(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("register Maya for Biology")
    await chat.say("yes")

    await chat.say("drop studio art")

    assert chat.text.startswith("The school has the request for Studio Art already")
    assert "Studio Art" in requested(portal, child="Maya")


async def test_where_nothing_was_registered_here_there_is_nothing_to_drop(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("drop a class for Maya")

    assert chat.text.startswith("Nothing was registered here for Maya that I could take back")


async def test_register_without_a_class_asks_which(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("register for classes")
    asked, titles = chat.text, chat.titles
    await chat.press("Leo")
    which = chat.text

    await chat.say("biology and french 2")
    await chat.say("yes")

    assert (asked, titles) == ("Which child do you mean?", ["Leo", "Maya"])
    assert which.startswith("Which classes shall I register Leo for, in the school year 2027 to 2028?")
    assert requested(portal) == ["Biology", "French 2"]


async def test_the_child_is_asked_for_with_the_classes_kept(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign up for biology and chemistry next year")
    asked = chat.text

    await chat.say("Leo")

    assert asked == "Which child do you mean?"
    assert [line for line in chat.text.splitlines() if line.startswith("- ")] == ["- Biology", "- Chemistry"]


async def test_several_children_are_registered_one_at_a_time(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("register Maya and Leo for biology")

    assert chat.text == "Which child do you mean?"
    await chat.press("Maya")
    assert chat.text.startswith("This is what I would register, for Maya")


async def test_another_child_named_at_the_summary_is_the_one_that_is_meant(
    portal: Portal, chat: Chat
) -> None:
    await sign_in(chat)
    await chat.say("sign Maya up for Biology")

    await chat.say("no, sign Leo up for Biology")
    shown = chat.text
    await chat.say("yes")

    assert shown.startswith("This is what I would register, for Leo")
    assert requested(portal) == ["Biology"]
    assert "Biology" not in requested(portal, child="Maya")


async def test_another_child_is_a_follow_up_that_only_looks(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")
    await chat.say("yes")

    await chat.say("and Maya?")

    assert chat.text.startswith("These classes are asked for, for Maya")


async def test_one_more_class_can_be_added_once_others_are_registered(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")
    await chat.say("yes")

    await chat.say("and Chemistry too")
    await chat.say("yes")

    assert requested(portal) == ["Biology", "Chemistry"]


async def test_what_was_not_registered_here_cannot_be_dropped(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("drop the chemistry request for Leo")

    assert chat.text == "Chemistry is not among the classes that are asked for, for Leo."
