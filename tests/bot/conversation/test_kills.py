"""A kill at any point loses nothing, and two processes answer one conversation in turn."""

import signal
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from bot.conversation.turn import Assistant
from portal.core.clock import SystemClock
from portal.core.keys import Keys
from portal.dialogue.models import InboxRow
from portal.transaction import Portal
from tests.support.clock import ClockAhead, FakeClock
from tests.support.conversation import Chat, make_assistant
from tests.support.desk import Keywords, desk_actions, desk_project
from tests.support.hashing import CountingHasher
from tests.support.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "three green kettles hum"


def victim(url: str, point: str, sender: str, count: int = 1) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.support.victim", url, point, sender, str(count)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(SystemClock().now())


@pytest.fixture
def survivor(engine: Engine, keys: Keys, desk: Assistant) -> Assistant:
    """Return the assistant of another process, after the killed one."""
    portal = Portal(engine, clock=ClockAhead(), keys=keys, hasher=CountingHasher())
    return make_assistant(portal, desk_actions(portal), Keywords(), desk_project())


def kill(url: str, point: str) -> None:
    with victim(url, point, "parent") as process:
        assert process.wait(PATIENCE) == -signal.SIGKILL


@pytest.mark.parametrize(
    ("point", "said"),
    [
        ("before the message is stored", []),
        ("after the message is stored", ["count", "1"]),
        ("in the action", ["count", "1"]),
        ("before the answer is committed", ["count", "1"]),
        ("after the answer is committed", ["count", "1"]),
    ],
)
async def test_a_message_of_a_killed_process_is_answered_exactly_once(
    survivor: Assistant, database_url: str, point: str, said: list[str]
) -> None:
    kill(database_url, point)

    await survivor.recover()
    await survivor.recover()

    assert [entry.text for entry in await survivor.history("rest", "parent")] == said
    chat = Chat(survivor, sender="parent")
    await chat.say("count")
    assert chat.text == ("2" if said else "1")


async def test_the_next_message_is_answered_after_the_one_that_was_left(
    survivor: Assistant, database_url: str
) -> None:
    kill(database_url, "after the message is stored")
    chat = Chat(survivor, sender="parent")

    await chat.say("count")

    assert chat.text == "2"
    assert [entry.text for entry in await chat.history()] == ["count", "1", "count", "2"]


async def test_a_kill_before_a_ticket_is_settled_spends_it_and_offers_a_new_field(
    survivor: Assistant, database_url: str
) -> None:
    kill(database_url, "before the ticket is settled")
    chat = Chat(survivor, sender="parent")

    await survivor.recover()
    assert not any(entry.reply.secret for entry in await chat.history())
    await chat.say("help")

    assert chat.secret.fields
    await chat.submit(password=PASSWORD)
    assert chat.text == "Signed in as Marisol Quintero."


async def test_a_kill_after_a_ticket_is_settled_is_answered_by_the_next_process(
    survivor: Assistant, database_url: str
) -> None:
    kill(database_url, "after the ticket is settled")

    await survivor.recover()

    assert (await survivor.history("rest", "parent"))[-1].text == "Signed in as Marisol Quintero."


async def test_two_processes_answer_one_conversation_in_order_and_once(
    desk: Assistant, database_url: str, portal: Portal
) -> None:
    processes = [victim(database_url, "never", "parent", 5) for _ in range(2)]
    outputs = [process.communicate(timeout=PATIENCE)[0].split() for process in processes]

    replies = [[int(line.partition(":")[2]) for line in sorted(lines)] for lines in outputs]

    assert sorted(chain(*replies)) == list(range(1, 11))
    assert all(each == sorted(each) for each in replies)
    with portal.begin() as tx:
        assert all(row.answered_at for row in tx.session.scalars(select(InboxRow)))
