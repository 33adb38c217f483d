"""A process that stops for ever at any point loses no answer, changes nothing twice, and repeats one part."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.conversation.turn import Assistant
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.conversation import make_assistant
from tests.support.desk import Keywords, desk_actions, desk_project
from tests.support.telegram.emulator import Emulator
from tests.support.telegram.line import Line

ANA = 4101
# The place where it stops, and whether before or after.
POINTS = [
    ("memory", "take_in", "before"),
    ("memory", "take_in", "after"),
    ("memory", "finish", "before"),
    ("memory", "finish", "after"),
    ("speaker", "send", "before"),
    ("speaker", "send", "after"),
]


class Killed:
    """Hold the process that stops, and let it stand still where it was told to."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.stands_still = asyncio.Event()
        self.work: list[asyncio.Task[object]] = []

    def stop_at(self, owner: object, name: str, when: str) -> None:
        """Let nothing go on before or after a step."""
        original = getattr(owner, name)

        async def step(*given: object, **named: object) -> None:
            if when == "after":
                await original(*given, **named)
            self.stands_still.set()
            await asyncio.Event().wait()

        setattr(owner, name, step)

    async def take(self, update: dict[str, object]) -> None:
        """Take an update in and go on as far as it goes."""
        self.work.append(asyncio.ensure_future(self._go_on(update)))
        await self.stands_still.wait()

    async def _go_on(self, update: dict[str, object]) -> None:
        await self.line.bring(update)
        await self.line.settled()


@pytest.fixture
async def killed(line: Line) -> AsyncIterator[Killed]:
    made = Killed(line)
    yield made
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


@pytest.fixture
def survivor(desk: Assistant, portal: Portal, emulator: Emulator) -> Iterator[Line]:
    assistant = make_assistant(portal, desk_actions(portal), Keywords(), desk_project())
    yield Line(assistant, portal, emulator)
    assistant.close()


@pytest.mark.parametrize("point", POINTS, ids=" ".join)
async def test_another_process_goes_on_where_one_stopped(
    killed: Killed, survivor: Line, desk: Assistant, clock: FakeClock, point: tuple[str, str, str]
) -> None:
    owner, name, when = point
    ana = survivor.person(ANA)
    update = {"update_id": 9, "message": {**ana._message(3), "text": "count"}}
    killed.stop_at(
        {"memory": desk._memory, "speaker": killed.line.channel.pusher._speaker}[owner], name, when
    )

    await killed.take(update)
    clock.advance(seconds=60)
    await survivor.assistant.recover()
    # Telegram brings again what was not acknowledged, and perhaps what was.
    await survivor.bring(update)
    await survivor.settled()
    first = [shown.text for shown in ana.hears]
    await ana.types("count")
    await survivor.settled()

    was_sent = owner == "speaker" and when == "after"
    assert first == (["1", "1"] if was_sent else ["1"])
    assert ana.last.text == "2"


async def test_of_an_answer_in_several_parts_only_the_one_in_hand_is_repeated(
    killed: Killed, survivor: Line, clock: FakeClock
) -> None:
    speaker, sent = killed.line.channel.pusher._speaker, []
    original = speaker.send

    async def second_time_for_ever(*given: object) -> None:
        await original(*given)  # type: ignore[arg-type]
        sent.append(given)
        if len(sent) == 2:
            killed.stands_still.set()
            await asyncio.Event().wait()

    speaker.send = second_time_for_ever  # type: ignore[method-assign]
    ana = survivor.person(ANA)
    await killed.line.person(ANA).types("hello")
    for text in ("count", "count"):
        await killed.line.person(ANA).types(text)
    await killed.take({"update_id": 9, "message": {**ana._message(3), "text": "hours"}})
    clock.advance(seconds=60)
    await survivor.assistant.recover()
    await survivor.settled()

    assert [shown.text for shown in ana.hears] == [
        "Welcome to the desk.",
        "1",
        "1",
        "2",
        "Open nine to five.",
    ]
