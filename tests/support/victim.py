"""Answer messages in a process of its own, and die at a given point, as a kill -9 would have it.

Called as `python -m tests.support.victim URL POINT SENDER COUNT`; prints one line a reply.
"""

import asyncio
import os
import signal
import sys
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from bot.conversation.memory import Memory
from bot.logs import configure_logging
from bot.messages import IncomingMessage
from portal.core.clock import SystemClock
from portal.core.database import open_engine
from portal.core.keys import Keys
from portal.dialogue.service import Dialogue
from portal.transaction import Portal
from tests.support.conversation import Chat, make_assistant
from tests.support.desk import Count, Keywords, desk_actions, desk_project
from tests.support.hashing import CountingHasher

SECRET = b"a secret of at least thirty-two bytes, for tests only"
LINE = "{index}:{text}"


def die(*_: object, **__: object) -> Any:
    """End this process without a word to anybody."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    """Put the deadly place into the code."""
    match point:
        case "before the message is stored":
            Memory.take_in = die  # type: ignore[method-assign]
        case "after the message is stored":
            Memory.finish = die  # type: ignore[method-assign]
        case "in the action":
            CollectingDispatcher.utter_message = die  # type: ignore[method-assign]
        case "before the answer is committed":
            _after(Dialogue, "finish")
        case "after the answer is committed":
            _after_async(Memory, "finish")
        case "before the ticket is settled":
            Dialogue.settle_ticket = die  # type: ignore[method-assign]
        case "after the ticket is settled":
            _after_async(Memory, "redeem")


def _after(owner: type, name: str) -> None:
    original = getattr(owner, name)

    def then_die(*given: Any, **named: Any) -> Any:
        original(*given, **named)
        die()

    setattr(owner, name, then_die)


def _after_async(owner: type, name: str) -> None:
    original = getattr(owner, name)

    async def then_die(*given: Any, **named: Any) -> Any:
        await original(*given, **named)
        die()

    setattr(owner, name, then_die)


async def _talk(url: str, point: str, sender: str, count: int) -> None:
    portal = Portal(open_engine(url), clock=SystemClock(), keys=Keys(SECRET), hasher=CountingHasher())
    assistant = make_assistant(portal, desk_actions(portal), Keywords(), desk_project())
    if "ticket" in point:
        chat = Chat(assistant, sender=sender)
        await chat.say("sign in, my username is mlopez")
        arm(point)
        await chat.submit(password="three green kettles hum")
    arm(point)
    Count.pause = 0.03

    async def say(index: int) -> None:
        message = IncomingMessage("rest", sender, "count", message_id=f"{os.getpid()}-{index}")
        for reply in await assistant.take_turn(message):
            sys.stdout.write(LINE.format(index=index, text=reply.text) + "\n")

    await asyncio.gather(*(say(index) for index in range(count)))
    assistant.close()


if __name__ == "__main__":
    # What is printed is the replies.
    configure_logging()
    asyncio.run(_talk(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
