"""Two families say, press and fill in whatever they like in any order: one answer each, and only theirs."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from structlog.testing import capture_logs

from bot.conversation.turn import Assistant
from bot.messages import MessageKind, Reply
from portal.core.outcomes import Refused
from tests.fuzzing.profiles import BRIEF, LONG
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD

CANARY = "CANARY nine lanterns sway"
# What only the other family may hear; nobody says it themselves.
OF_OTHERS = {
    "mlopez": ("Zoe", "Whitfield", "Karen"),
    "kwhitfield": ("Maya", "Leo", "López", "Marisol"),
}
SAID = (
    "hi", "sign in", "what are the grades", "and attendance?", "was there an absence yesterday", "why?",
    "yes", "no", "cancel", "back", "help", "never mind, the schedule", "stop", "sign out", "start over",
    "I forgot my password", "link a student", "BK4792", "leave a message", "508 555 0147", "what is missing",
    "no, I meant the other one", "change my name", "en español por favor", "español", "english", "1", "",
    "grades and attendance and the balance", "talk to a person", "print this page", "download my data",
    "change my password", "send me the grades every week", "which e-mails do I get", "the second one",
    "{password}", "/cancel", "<b>x</b>", "\u202e\x00", "🙂" * 40, "x" * 3000,
)  # fmt: skip


class Talks(RuleBasedStateMachine):
    """Let two families talk in two browsers, whatever comes to their minds."""

    turns = 0

    def __init__(self, assistant: Assistant, clock: FakeClock, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.clock, self.loop = clock, loop
        self.chats = {
            name: Chat(assistant, channel="rest", district="westborough", sender=f"{name}-{uuid4().hex}")
            for name in OF_OTHERS
        }
        self.last: dict[str, tuple[str, str]] = {}

    def did(self, name: str, turn: Awaitable[Any]) -> Any:
        """Take one turn: it is answered, nothing fails, and nothing of the other family is in it."""
        Talks.turns += 1
        with capture_logs() as logs:
            answer = self.loop.run_until_complete(turn)  # type: ignore[arg-type]
        assert [log for log in logs if log["log_level"] in {"error", "critical"}] == []
        if isinstance(answer, Refused):
            return answer
        told = _told(answer)
        assert told.strip()
        assert [word for word in OF_OTHERS[name] if word in told] == [], told
        assert CANARY not in told
        assert PASSWORD not in told
        return answer

    @rule(name=st.sampled_from(sorted(OF_OTHERS)), text=st.sampled_from(SAID) | st.text(max_size=40))
    def say(self, name: str, text: str) -> None:
        """Type something."""
        self.last[name] = (text, uuid4().hex)
        self.did(name, self.chats[name].say(*self.last[name]))

    @rule(name=st.sampled_from(sorted(OF_OTHERS)))
    def say_again(self, name: str) -> None:
        """Send the same message once more, as a browser does that lost the answer: the answer is the same."""
        if name in self.last:
            text, number = self.last[name]
            first = _told(self.did(name, self.chats[name].say(text, number)))
            assert _told(self.did(name, self.chats[name].say(text, number))) == first

    @rule(name=st.sampled_from(sorted(OF_OTHERS)), chosen=st.integers(0, 30), is_new=st.booleans())
    def press(self, name: str, chosen: int, *, is_new: bool) -> None:
        """Press a button, one of the last answer or one that stands further up."""
        replies = self.chats[name].replies if is_new else self.chats[name].seen
        buttons = [button for reply in replies for button in reply.buttons]
        if buttons:
            payload = buttons[chosen % len(buttons)].payload
            self.did(name, self.chats[name].send(payload, MessageKind.BUTTON))

    @rule(name=st.sampled_from(sorted(OF_OTHERS)))
    def sign_in(self, name: str) -> None:
        """Sign in, unless the conversation has something else in mind."""
        for text in ("sign in", name):
            self.did(name, self.chats[name].say(text))
        self.submit(name, is_right=True)

    @rule(name=st.sampled_from(sorted(OF_OTHERS)), is_right=st.booleans())
    def submit(self, name: str, *, is_right: bool) -> None:
        """Fill in the masked fields that were offered last, if there were any."""
        offered = [reply.secret for reply in self.chats[name].seen if reply.secret]
        if offered:
            typed = PASSWORD if is_right else CANARY
            values = {field.name: typed for field in offered[-1].fields}
            self.did(name, self.chats[name].try_submit(offered[-1].ticket, **values))

    @rule(name=st.sampled_from(sorted(OF_OTHERS)))
    def type_the_password(self, name: str) -> None:
        """Type the password into the chat where the masked field stands."""
        if any(reply.secret for reply in self.chats[name].replies):
            self.did(name, self.chats[name].say(CANARY))

    @rule(name=st.sampled_from(sorted(OF_OTHERS)))
    def submit_for_the_other(self, name: str) -> None:
        """Fill in a field that the other family was offered: it is nobody else's."""
        other = next(each for each in OF_OTHERS if each != name)
        offered = [reply.secret for reply in self.chats[other].seen if reply.secret]
        if offered:
            values = {field.name: PASSWORD for field in offered[-1].fields}
            answer = self.did(name, self.chats[name].try_submit(offered[-1].ticket, **values))
            assert isinstance(answer, Refused)

    @rule(minutes=st.sampled_from((1, 11, 16, 800)))
    def wait(self, minutes: float) -> None:
        """Let time pass."""
        self.clock.advance(minutes=minutes)

    def teardown(self) -> None:
        """Look at what is kept of both conversations: no password, and nothing of the other family."""
        for name, chat in self.chats.items():
            kept = "\n".join(entry.text for entry in self.loop.run_until_complete(chat.history()))
            assert PASSWORD not in kept
            assert CANARY not in kept
            assert [word for word in OF_OTHERS[name] if word in kept] == []


def _told(replies: list[Reply]) -> str:
    words = [[reply.text, *(button.title for button in reply.buttons)] for reply in replies]
    return "\n".join(itertools.chain.from_iterable(words))


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.mark.not_in_telegram("the machine talks at a door that answers at once")
@pytest.mark.case("G1", "L8", "C2")
def test_two_families_are_answered_in_any_order(
    assistant: Assistant, families: None, clock: FakeClock, loop: asyncio.AbstractEventLoop
) -> None:
    run(assistant, clock, loop, settings(BRIEF, max_examples=5, stateful_step_count=25))


@pytest.mark.nightly
@pytest.mark.not_in_telegram("the machine talks at a door that answers at once")
def test_two_families_are_answered_in_any_order_for_long(
    assistant: Assistant,
    families: None,
    clock: FakeClock,
    loop: asyncio.AbstractEventLoop,
    record_property: Callable[[str, object], None],
) -> None:
    before = Talks.turns

    run(assistant, clock, loop, settings(LONG, max_examples=60))

    record_property("turns", Talks.turns - before)


def run(assistant: Assistant, clock: FakeClock, loop: asyncio.AbstractEventLoop, profile: settings) -> None:
    run_state_machine_as_test(lambda: Talks(assistant, clock, loop), settings=profile)
