"""Workers may hang, end or babble: whoever asks is answered, and the next one is served."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import psutil
import pytest

from tests.support.patience import PATIENCE
from voice.crew import Crew, Shift
from voice.speech import Why

PROGRAM = "tests.support.voice_worker"


@pytest.fixture
async def crew() -> AsyncIterator[Crew]:
    made = Crew({}, Shift(workers=1, waiting=2, seconds=PATIENCE), PROGRAM)
    async with made.working():
        yield made


async def pid_of(crew: Crew) -> int:
    answer = await crew.ask({"do": "answer"})
    assert not isinstance(answer, Why)
    return int(answer[0]["pid"])


async def test_an_answer_brings_the_content_back(crew: Crew) -> None:
    answer = await crew.ask({"do": "answer"}, b"\x00\n{}" * 1000)

    assert not isinstance(answer, Why)
    assert answer[1] == b"\x00\n{}" * 1000


@pytest.mark.parametrize("does", ["end", "nonsense"])
async def test_a_worker_that_fails_is_ended_and_replaced(crew: Crew, does: str) -> None:
    before = await pid_of(crew)

    outcome = await crew.ask({"do": does})

    assert outcome is Why.UNREADABLE
    assert not psutil.pid_exists(before)
    assert await pid_of(crew) != before


async def test_a_worker_that_hangs_is_ended_and_replaced(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await pid_of(crew)

    with monkeypatch.context() as hasty:
        hasty.setattr(crew, "_shift", replace(crew._shift, seconds=0.2))
        outcome = await crew.ask({"do": "hang"})

    assert outcome is Why.SLOW
    assert not psutil.pid_exists(before)
    assert await pid_of(crew) != before


async def test_one_worker_serves_many_in_turn(crew: Crew) -> None:
    assert await pid_of(crew) == await pid_of(crew)


async def test_a_full_queue_is_refused_at_once(crew: Crew) -> None:
    outcomes = await asyncio.gather(*(crew.ask({"do": "answer"}) for _ in range(5)))

    assert [outcome for outcome in outcomes if isinstance(outcome, Why)] == [Why.BUSY, Why.BUSY]


async def test_whoever_stops_waiting_leaves_no_answer_for_the_next(crew: Crew) -> None:
    before = await pid_of(crew)
    asking = asyncio.create_task(crew.ask({"do": "hang"}))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)

    answer = await crew.ask({"do": "answer"}, b"mine")

    assert not isinstance(answer, Why)
    assert answer[1] == b"mine"
    assert not psutil.pid_exists(before) or answer[0]["pid"] == before


async def test_a_worker_that_cannot_start_is_no_fault_of_the_recording() -> None:
    crew = Crew({}, Shift(), "tests.support.no_such_program")

    async with crew.working():
        outcome = await crew.ask({"do": "answer"}, b"recording")

    assert outcome is Why.BUSY


async def test_where_no_process_can_be_started_whoever_asks_is_answered_and_the_next_is_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crew = Crew({}, Shift(), PROGRAM)
    with monkeypatch.context() as broken:
        broken.setattr("sys.executable", "/nowhere/python")
        outcome = await crew.ask({"do": "answer"})
    async with crew.working():
        pid = await pid_of(crew)

    assert outcome is Why.BUSY
    assert pid


async def test_no_worker_is_left_behind() -> None:
    crew = Crew({}, Shift(), PROGRAM)
    async with crew.working():
        pid = await pid_of(crew)

    assert not psutil.pid_exists(pid)


async def test_a_worker_knows_no_key_and_no_token(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HALLPASS_SECRET_KEY", "TELEGRAM_TOKEN", "HALLPASS_DATABASE_URL", "HALLPASS_SMTP_URL"):
        monkeypatch.setenv(name, "CANARY")
    await crew.ask({"do": "end"})

    answer = await crew.ask({"do": "environment"})

    assert not isinstance(answer, Why)
    assert not [name for name in answer[0]["names"] if "HALLPASS" in name or "TOKEN" in name]
