"""The disk under the embedded database is full: who writes is told, and what was there is whole.

Still true: nothing is half-written; the message is answered when there is room again, once; a process that
met the full disk need not be started again for the next one. On PostgreSQL the server refuses in its place,
which the tests of a database that is away stand for.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from actions import all_actions
from bot.conversation.turn import Assistant
from bot.conversation.understanding import Understanding
from portal.core.clock import SystemClock
from portal.core.database import open_engine
from portal.core.keys import Keys
from portal.migrations import migrate
from portal.transaction import Portal
from tests.faults.conftest import HELP, Dying
from tests.support.conversation import Chat, hallpass_project, make_assistant
from tests.support.dying import Task
from tests.support.hashing import CountingHasher
from tests.support.portals import make_district

LAST = "I cannot sign in since Monday. This is <full>."


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "hallpass.db"


@pytest.fixture
def own_engine(place: Path) -> Iterator[Engine]:
    opened = open_engine(f"sqlite:///{place}")
    migrate(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def own_portal(own_engine: Engine, keys: Keys) -> Iterator[Portal]:
    made = Portal(own_engine, clock=SystemClock(), keys=keys, hasher=CountingHasher())
    make_district(made, help=HELP)
    yield made
    made.close()


@pytest.fixture
def school(own_portal: Portal, understanding: Understanding) -> Iterator[Assistant]:
    made = make_assistant(own_portal, all_actions(own_portal), understanding, hallpass_project())
    yield made
    made.close()


async def test_message_that_meets_a_full_disk_is_answered_once_when_there_is_room(
    school: Assistant, own_engine: Engine, own_portal: Portal, dying: Dying, place: Path
) -> None:
    chat = Chat(school, channel="rest", sender="full")
    for text in ("leave a message", "508 555 0147"):
        await chat.say(text)
    # Only what was written before stays, as after a checkpoint; from here on no file grows.
    own_engine.dispose()
    url = f"sqlite:///{place}"

    told = dying.do(Task(url, "full", text=LAST, message_id="the last", largest=4096))
    again = await chat.say(LAST, "the last")
    repeated = await chat.say(LAST, "the last")

    assert told["status"] == 0
    assert told["said"] != [reply.text for reply in again]
    assert again == repeated
    with own_portal.begin(read_only=True) as tx:
        assert [str(case.details).count("<full>") for case in tx.cases.waiting("westborough")] == [1]
    own_engine.dispose()
    with sqlite3.connect(place) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    connection.close()
