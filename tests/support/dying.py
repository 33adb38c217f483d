"""Take one turn in a process that is killed at a chosen step, as a kill -9 would have it.

Called as `python -m tests.support.dying`; each line that comes in is a `Task` as JSON, and is done by a child
of this process, which has everything loaded already. A line goes out when that child is gone.
"""

import asyncio
import json
import os
import resource
import signal
import sys
from dataclasses import asdict, dataclass, field
from typing import Any

import structlog
from sqlalchemy import event
from sqlalchemy.orm import Session

from actions import all_actions
from bot.conversation.turn import Assistant
from bot.messages import Bearer, IncomingMessage
from portal.core.clock import SystemClock
from portal.core.database import open_engine
from portal.core.keys import Keys
from portal.transaction import Portal
from tests.support.conversation import hallpass_project, make_assistant
from tests.support.hashing import CountingHasher
from tests.support.trained import trained
from tests.support.victim import SECRET

NEVER = 0


@dataclass(frozen=True, slots=True)
class Task:
    """Say what is done, and before which step of the database it ends; `largest` limits every file."""

    url: str
    sender: str
    step: int = NEVER
    text: str = ""
    message_id: str = ""
    ticket: str = ""
    values: dict[str, str] = field(default_factory=dict)
    largest: int = 0

    def line(self) -> str:
        """Return the task as one line."""
        return json.dumps(asdict(self)) + "\n"


class Steps:
    """Count what the database is asked, and end this process before one of them."""

    def __init__(self, deadly: int) -> None:
        self._deadly = deadly
        self.taken: list[str] = []

    def count(self, what: str) -> None:
        self.taken.append(what)
        if len(self.taken) == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, engine: Any) -> None:
        event.listen(engine, "before_cursor_execute", lambda *_: self.count("statement"))
        event.listen(engine, "commit", lambda *_: self.count("commit"))
        event.listen(Session, "after_commit", lambda *_: self.count("committed"))


async def take(assistant: Assistant, task: Task) -> list[str]:
    """Do what the task says, and return what was answered."""
    if task.ticket:
        bearer = Bearer("rest", task.sender, task.sender, task.sender)
        answer = await assistant.submit_secret(task.ticket, task.values, bearer=bearer)
    else:
        message = IncomingMessage(
            "rest", task.sender, task.text, message_id=task.message_id, source=task.sender
        )
        answer = await assistant.take_turn(message)
    return [reply.text for reply in answer] if isinstance(answer, list) else [str(answer)]


def child(task: Task, out: int) -> None:
    """Do one task, and tell which steps it took and what was answered."""
    if task.largest:
        # What a full disk does: a file cannot grow, and whoever writes is told.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (task.largest, task.largest))
    engine, steps = open_engine(task.url), Steps(task.step)
    portal = Portal(engine, clock=SystemClock(), keys=Keys(SECRET), hasher=CountingHasher())
    assistant = make_assistant(portal, all_actions(portal), trained_once(), hallpass_project())
    steps.watch(engine)
    said = asyncio.run(take(assistant, task))
    os.write(out, json.dumps({"steps": steps.taken, "said": said}).encode())


_LOADED: list[Any] = []


def trained_once() -> Any:
    """Return the understanding that was loaded before any child was made."""
    if not _LOADED:
        _LOADED.append(trained())
    return _LOADED[0]


def do(task: Task) -> dict[str, Any]:
    """Do one task in a child, and return how that ended."""
    read, write = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(read)
        try:
            child(task, write)
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(process, 0)
    return {"status": os.waitstatus_to_exitcode(status), **json.loads(told or b"{}")}


if __name__ == "__main__":
    # Only what was asked for goes out; what is logged belongs elsewhere.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    hallpass_project()
    trained_once()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(do(Task(**json.loads(line)))) + "\n")
        sys.stdout.flush()
