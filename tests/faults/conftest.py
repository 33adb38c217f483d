"""Let things go wrong: a school, a parent in mid-turn, a process that dies, and one that comes after it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine

from actions import all_actions
from bot.conversation.turn import Assistant
from bot.conversation.understanding import Understanding
from bot.settings import ROOT
from portal.core.clock import SystemClock
from portal.core.keys import Keys
from portal.transaction import Portal
from tests.support.clock import ClockAhead, FakeClock
from tests.support.conversation import hallpass_project, make_assistant
from tests.support.desk import Keywords, desk_actions, desk_project
from tests.support.dying import Task
from tests.support.hashing import CountingHasher
from tests.support.portals import make_district
from tests.support.trained import trained

HELP = {"101": {"name": "Assabet Ridge School", "phone": "(508) 555-0190"}}


@dataclass
class Dying:
    """Hold the process whose children do one task each."""

    process: "subprocess.Popen[str]"

    def do(self, task: Task) -> dict[str, Any]:
        """Let a child do a task; `status` is how it ended."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(task.line())
        self.process.stdin.flush()
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told


@pytest.fixture(scope="session")
def understanding() -> Understanding:
    return trained()


@pytest.fixture(scope="session")
def dying(understanding: Understanding) -> Iterator[Dying]:
    command = [sys.executable, "-m", "tests.support.dying"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        yield Dying(process)
        process.kill()


@pytest.fixture
def clock() -> FakeClock:
    """Tell the time of the processes that die, which is the machine's."""
    return FakeClock(SystemClock().now())


@pytest.fixture
def district(portal: Portal) -> None:
    make_district(portal, help=HELP)


@pytest.fixture
def assistant(portal: Portal, district: None, understanding: Understanding) -> Iterator[Assistant]:
    made = make_assistant(portal, all_actions(portal), understanding, hallpass_project())
    yield made
    made.close()


@pytest.fixture
def desk(portal: Portal) -> Iterator[Assistant]:
    """Return the assistant of a small desk, which counts and knows its hours."""
    make_district(portal, "desk", name="The Desk")
    made = make_assistant(portal, desk_actions(portal), Keywords(), desk_project(), district="desk")
    yield made
    made.close()


@pytest.fixture
def survivor(engine: Engine, keys: Keys, understanding: Understanding) -> Iterator[Assistant]:
    """Return the assistant of the process that comes after."""
    portal = Portal(engine, clock=ClockAhead(), keys=keys, hasher=CountingHasher())
    made = make_assistant(portal, all_actions(portal), understanding, hallpass_project())
    yield made
    made.close()
    portal.close()
