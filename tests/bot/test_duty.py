"""What only one process may do is done by whoever has the duty, and by another when that one lets go."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import Engine

from bot.duty import on_duty
from portal.core.calls import Calls
from portal.core.database import open_engine
from portal.core.neighbours import Alone, Connected
from tests.support.patience import PATIENCE


class Work:
    """Note when the work is open."""

    def __init__(self) -> None:
        self.log: list[str] = []

    @contextlib.asynccontextmanager
    async def __call__(self) -> AsyncIterator[None]:
        self.log.append("begun")
        try:
            yield
        finally:
            self.log.append("ended")


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110  (what is waited for happens in another thread)
            await asyncio.sleep(0.01)


async def test_process_that_is_alone_works_from_the_start_to_the_end() -> None:
    work = Work()

    async with on_duty(Alone(), "upkeep", work):
        assert work.log == ["begun"]

    assert work.log == ["begun", "ended"]


@pytest.mark.postgresql
async def test_second_process_works_only_when_the_first_lets_go(engine: Engine, database_url: str) -> None:
    other = open_engine(database_url)
    one, two = Connected(engine, Calls(), look=0.05), Connected(other, Calls(), look=0.05)
    first, second = Work(), Work()
    one.open()
    two.open()

    async with on_duty(two, "nothing", Work()), contextlib.AsyncExitStack() as held:
        await held.enter_async_context(on_duty(one, "telegram:1", first))
        await until(lambda: first.log == ["begun"])
        async with on_duty(two, "telegram:1", second):
            await asyncio.sleep(0.2)
            before = list(second.log)
            await held.aclose()
            await until(lambda: second.log == ["begun"])

    assert before == []
    assert (first.log, second.log) == (["begun", "ended"], ["begun", "ended"])
    for made in (one, two):
        await asyncio.to_thread(made.close)
    other.dispose()
