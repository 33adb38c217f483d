"""Be many parents at once over HTTP: sign in, ask, wait when told to, and count what came back."""

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp

from bench.made_up import DISTRICT, GIVEN, PASSWORD

KEY = "bench-key"
# What needs no hashing: of records, of the portal, and what nobody understands.
QUESTIONS = (
    "hi",
    "what are {}'s grades",
    "how many days was {} absent this term",
    "what is the district code",
    "what is {}'s schedule today",
    "what is {}'s lunch balance",
    "what is an access id",
    "{}'s test results",
    "asdf qwer zxcv",
    "thank you",
)
Reply = dict[str, Any]


@dataclass(slots=True)
class Parent:
    """Hold one parent and where the conversation stands."""

    number: int
    sender: str = field(default_factory=lambda: uuid.uuid4().hex)
    asked: int = 0

    @property
    def child(self) -> str:
        """Return the first name of one child."""
        return GIVEN[self.number // 2 * 2 % len(GIVEN)]


@dataclass(slots=True)
class Tally:
    """Count what came back, and how long each answer took in milliseconds."""

    took: list[float] = field(default_factory=list)
    waits: int = 0
    expired: int = 0
    lost: list[str] = field(default_factory=list)


class Crowd:
    """Speak for parents over a bounded number of connections."""

    def __init__(self, client: aiohttp.ClientSession, base: str) -> None:
        """Take the way to the server under measurement."""
        self._client = client
        self._base = base

    async def say(self, parent: Parent, text: str) -> tuple[list[Reply], float]:
        """Say something; return the replies and the milliseconds until they came."""
        told = {"sender": parent.sender, "message": text}
        told["metadata"] = {"district": DISTRICT, "message_id": uuid.uuid4().hex}  # type: ignore[assignment]
        begun = time.perf_counter()
        async with self._client.post(f"{self._base}/webhooks/rest/webhook", json=told) as response:
            replies: list[Reply] = await response.json()
            took = (time.perf_counter() - begun) * 1000
            response.raise_for_status()
            return replies, took

    async def ask(self, parent: Parent, tally: Tally) -> None:
        """Ask the next question and note how long it took; no answer at all is one that was lost."""
        question = QUESTIONS[parent.asked % len(QUESTIONS)].format(parent.child)
        parent.asked += 1
        replies, took = await self.say(parent, question)
        tally.took.append(took)
        if not replies:
            tally.lost.append(question)

    async def sign_in(self, parent: Parent, tally: Tally) -> None:
        """Sign in; whoever is told to wait does so, and whoever waited too long asks for a new field."""
        begun, answer = None, None
        while answer is None:
            url = await self._field(parent)
            begun = begun or time.perf_counter()
            answer = await self._submit(url, tally)
        tally.took.append((time.perf_counter() - begun) * 1000)
        if not any(f"Parent {parent.number}" in reply.get("text", "") for reply in answer):
            tally.lost.append(str([reply.get("text") for reply in answer]))

    async def _field(self, parent: Parent) -> str:
        """Return the address of a new field for the password."""
        for text in ("sign in", f"parent{parent.number}"):
            replies, _ = await self.say(parent, text)
            for reply in replies:
                if secret := reply.get("custom", {}).get("secret"):
                    return str(secret["url"])
        msg = f"No field for the password: {replies}"
        raise ValueError(msg)

    async def _submit(self, url: str, tally: Tally) -> list[Reply] | None:
        """Send the password; return the replies, or None where the field has expired meanwhile."""
        while True:
            async with self._client.post(
                self._base + url, json={"values": {"password": PASSWORD}}
            ) as response:
                if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
                    tally.waits += 1
                    await asyncio.sleep(float(response.headers["Retry-After"]))
                    continue
                if response.status == HTTPStatus.NOT_FOUND:
                    tally.expired += 1
                    return None
                response.raise_for_status()
                answer: list[Reply] = await response.json()
                return answer


def client(connections: int, patience: float | None = 120) -> aiohttp.ClientSession:
    """Return a way to the server with so many connections, for whoever holds the key.

    `patience` is how many seconds an answer may take, with the wait for a connection; None has no end.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections),
        headers={"Authorization": f"Bearer {KEY}"},
        timeout=aiohttp.ClientTimeout(total=patience),
    )


async def at_once(work: Iterable[Callable[[], Any]], most: int) -> None:
    """Do all of it, at most so many at the same time."""
    waiting = iter(work)

    async def hand() -> None:
        for each in waiting:
            await each()

    async with asyncio.TaskGroup() as hands:
        for _ in range(most):
            hands.create_task(hand())


async def ask_for(crowd: Crowd, parents: list[Parent], seconds: float, most: int) -> tuple[Tally, float]:
    """Ask question after question for so long, each parent in turn; return the tally and the time it took."""
    tally = Tally()
    begun = time.perf_counter()
    waiting = deque(parents)

    async def hand() -> None:
        # Each parent waits for an answer before asking again, as people do.
        while time.perf_counter() - begun < seconds and waiting:
            parent = waiting.popleft()
            await crowd.ask(parent, tally)
            waiting.append(parent)

    async with asyncio.TaskGroup() as hands:
        for _ in range(most):
            hands.create_task(hand())
    return tally, time.perf_counter() - begun


def percentile(values: list[float], share: float) -> float:
    """Return the value that so large a share of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
