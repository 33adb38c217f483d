"""Measure Telegram: how fast a parent is answered there, a rush, and what kills cost.

Run `python -m bench.telegram [--updates N] [--kills N] [--workers N [--server postgresql://...]]`. 200 chats
write to one worker, which runs in a process of its own, through a Bot API that is not ours and runs here;
several workers share one PostgreSQL, and are killed in turn. Limits: with 20 updates a second p95 from an
update to its answer <= 150 ms without hashing; 200 at once are answered in <= 8 s (Telegram takes 30 messages
a second from a bot); while a worker is killed and started again ten times no update is lost, no change is
made twice, and at most one answer a kill is repeated. The figures go to docs/benchmarks.md.
"""

import argparse
import asyncio
import contextlib
import logging
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.districts import own_database, server_of
from bench.report import Goal, Measured, Table, keep
from bench.telegram_server import Server
from bot.bootstrap import start
from bot.settings import read_settings
from tests.support.telegram.emulator import TOKEN, Emulator
from tests.support.telegram.person import Person

PUBLIC = "https://hallpass.example"
CHATS = 200
RATE = 20.0
QUESTIONS = ("hi", "what is the district code", "how do I link a child", "asdf qwer zxcv", "thank you")
MESSAGE = ("leave a message", "508 555 0147", "I cannot sign in since Monday. This is <{mark}>.")
LOST_AFTER = 120.0
# Longer than a killed worker holds what it had in hand.
LEASES_END = 25.0
Row = dict[str, Any]


class Town(Emulator):
    """Answer as Telegram, and note when each chat was written to."""

    def __init__(self) -> None:
        """Begin with nobody."""
        super().__init__()
        self.people = [Person(self, 5000 + number) for number in range(CHATS)]
        self.written: dict[int, int] = defaultdict(int)
        self._awaited: dict[int, asyncio.Future[float]] = {}

    def validate(self, method: str, fields: dict[str, Any], uploads: dict[str, Any]) -> Any:
        """Answer one request, and let whoever waits for it know."""
        result = super().validate(method, fields, uploads)
        if method.startswith(("send", "edit")) and method != "sendChatAction":
            chat = int(fields["chat_id"])
            self.written[chat] += 1
            if (awaited := self._awaited.pop(chat, None)) is not None and not awaited.done():
                awaited.set_result(time.perf_counter())
        return result

    async def ask(self, person: "Person", text: str) -> float | None:
        """Type a text; return the milliseconds until an answer, or None where none came."""
        begun = time.perf_counter()
        answered = self._awaited[person.chat] = asyncio.get_running_loop().create_future()
        await person.types(text)
        try:
            return (await asyncio.wait_for(answered, LOST_AFTER) - begun) * 1000
        except TimeoutError:
            return None

    async def bring_again(self) -> None:
        """Bring what was not taken, as Telegram does while a server is away."""
        while True:
            await asyncio.sleep(0.2)
            await self.deliver_updates(token=TOKEN)


@dataclass
class Pacer:
    """Let so many a second pass."""

    begun: float = field(default_factory=time.perf_counter)
    passed: int = 0

    async def turn(self) -> None:
        """Wait for the next turn; what an outage held back is not made up for."""
        self.begun = max(self.begun, time.perf_counter() - self.passed / RATE)
        self.passed += 1
        await asyncio.sleep(self.begun + self.passed / RATE - time.perf_counter())


async def steady(town: Town, count: int) -> list[float]:
    """Let updates come at a steady rate from all chats in turn; return the milliseconds to each answer."""
    pacer, asked = Pacer(), []
    for number in range(count):
        await pacer.turn()
        text = QUESTIONS[number // CHATS % len(QUESTIONS)]
        asked.append(asyncio.create_task(town.ask(town.people[number % CHATS], text)))
    return [LOST_AFTER * 1000 if took is None else took for took in await asyncio.gather(*asked)]


async def rush(town: Town) -> float:
    """Let everybody write at once; return the seconds until the last is answered."""
    begun = time.perf_counter()
    await asyncio.gather(*(town.ask(person, QUESTIONS[1]) for person in town.people))
    return time.perf_counter() - begun


@dataclass
class Killing:
    """Let everybody leave messages for the school while the worker is killed again and again."""

    town: Town
    server: Server
    kills: int
    pacer: Pacer = field(default_factory=Pacer)
    marks: list[str] = field(default_factory=list)
    steps: int = 0
    lost: int = 0
    is_over: bool = False

    async def run(self) -> None:
        """Kill so often, then let what was begun come to its end."""
        before = dict(self.town.written)
        talking = [asyncio.create_task(self._talk(person)) for person in self.town.people]
        for _ in range(self.kills):
            await asyncio.sleep(3)
            await self.server.kill()
        self.is_over = True
        await asyncio.gather(*talking)
        await asyncio.sleep(LEASES_END)
        self.repeated = sum(self.town.written.values()) - sum(before.values()) - self.steps

    async def _talk(self, person: "Person") -> None:
        turn = 0
        while not self.is_over:
            turn += 1
            mark = f"{person.chat}.{turn}"
            self.marks.append(mark)
            for text in MESSAGE:
                await self.pacer.turn()
                self.steps += 1
                self.lost += await self.town.ask(person, text.format(mark=mark)) is None

    def changes(self) -> Counter[str]:
        """Count how often each message reached the school."""
        application = start(read_settings(self.server.settings, demo=True))
        with application.portal.begin(read_only=True) as tx:
            told = "\n".join(str(case.details) for case in tx.cases.waiting("westborough"))
        application.close()
        return Counter({mark: told.count(f"<{mark}>") for mark in self.marks})


async def measure(updates: int, kills: int, workers: int, database: str | None) -> list[Row]:
    """Measure everything on a fresh demo in a temporary state folder."""
    with tempfile.TemporaryDirectory() as name:
        town = Town()
        settings = {"HALLPASS_VAR": name, "HALLPASS_PUBLIC_URL": PUBLIC}
        settings |= {"HALLPASS_DATABASE_URL": database} if database else {}
        start(read_settings(settings, demo=True)).close()
        async with town.served() as api:
            telegram = {"HALLPASS_TELEGRAM_API": api, "TELEGRAM_TOKEN": TOKEN}
            server = Server({**settings, **telegram}, workers)
            town.front[PUBLIC] = server.address
            again = asyncio.create_task(town.bring_again())
            try:
                await server.start()
                await steady(town, CHATS)
                used = server.processor_seconds
                took = await steady(town, updates)
                used = server.processor_seconds - used
                drained = await rush(town)
                killing = Killing(town, server, kills)
                await killing.run()
            finally:
                again.cancel()
                await server.end()
        spent = row("processor time an update", used / updates * 1000, "ms", n=updates)
        return [*answering(took), spent, *rows(drained, killing, killing.changes())]


def answering(took: list[float]) -> Iterator[Row]:
    """Return how long an answer took."""
    ordered = sorted(took)
    yield row("update to answer, p50", ordered[len(took) // 2], "ms", n=len(took))
    yield row("update to answer, p95", ordered[round(0.95 * (len(took) - 1))], "ms", 150, n=len(took))


def rows(drained: float, killing: Killing, made: Counter[str]) -> Iterator[Row]:
    """Return the other figures as they are printed and written."""
    yield row(f"{CHATS} at once, answered", drained, "s", 8, n=CHATS)
    yield row("updates lost", killing.lost + killing.town.waiting(), "", 0, n=killing.steps)
    yield row("messages that did not reach the school", sum(not n for n in made.values()), "", 0, n=len(made))
    yield row("messages that reached it twice", sum(n > 1 for n in made.values()), "", 0, n=len(made))
    yield row("answers repeated", killing.repeated, "", killing.kills, n=killing.kills)
    yield row(
        "requests that Telegram would refuse", len(killing.town.faults), "", 0, n=len(killing.town.asked)
    )


def row(what: str, value: float, unit: str, limit: float | None = None, *, n: int) -> Row:
    """Return one figure, with its ratio to its limit; where nothing is allowed there is no ratio."""
    ratio = round(value / limit, 2) if limit else None
    return {"what": what, "n": n, "value": round(value, 2), "unit": unit, "limit": limit, "ratio": ratio}


def told(rows: Sequence[Row], workers: int) -> Measured:
    """Return the rows as they are kept."""
    goals = [
        Goal(str(each["what"]), each["value"], str(each["unit"]), at_most=each["limit"])
        for each in rows
        if each["limit"] is not None
    ]
    how = f"python -m bench.telegram --updates {rows[0]['n']}"
    if workers == 1:
        title = f"Telegram: {CHATS} chats, a rush, and a worker that is killed"
        return Measured(title, how, [Table("", rows)], goals)
    title = f"Telegram: {CHATS} chats, a rush, and {workers} workers on PostgreSQL that are killed in turn"
    return Measured(title, f"{how} --workers {workers}", [Table("", rows)], goals)


def main() -> None:
    """Print the table and write the figures."""
    # A worker that is killed hangs up on the server here: that is what is measured.
    logging.getLogger("aiohttp.server").disabled = True
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--updates", type=int, default=800)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--server", help="a PostgreSQL server on which a database may be made, for workers")
    given = parser.parse_args()
    if given.server and given.workers == 1:
        parser.error("one worker has a database of its own: say --workers 2 for one that is shared")
    with contextlib.ExitStack() as stack:
        database = None
        if given.workers > 1:
            database = stack.enter_context(own_database(stack.enter_context(server_of(given.server))))
        measured = asyncio.run(measure(given.updates, given.kills, given.workers, database))
    print(f"{'':42}{'n':>7}{'value':>10}  unit{'limit':>8}{'ratio':>8}")
    for each in measured:
        limit, ratio = ("-" if each[key] is None else each[key] for key in ("limit", "ratio"))
        print(f"{each['what']:42}{each['n']:>7}{each['value']:>10}  {each['unit']:4}{limit:>8}{ratio:>8}")
    keep("telegram" if given.workers == 1 else "telegram-workers", told(measured, given.workers))


if __name__ == "__main__":
    main()
