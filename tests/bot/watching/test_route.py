"""The figures are shown to whoever holds the key, whatever else does not work."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot.channels.live_news import LiveNews
from bot.conversation.turn import Assistant
from bot.settings import ROOT
from bot.voicing import Voicing
from bot.watching import route
from bot.watching.figures import Figures
from bot.watching.folder import VARIABLE, make_folder
from bot.watching.present import present
from bot.watching.watch import Watching
from portal.core.outbox import MailKind, To
from portal.transaction import Portal
from tests.support.conversation import Chat
from tests.support.doors import client_of, pages_of
from tests.support.portals import without_database
from voice.crew import Crew, Shift
from voice.ears import Ears
from voice.finding import Found
from voice.mouth import Mouth
from web.app import WebSettings, create_app

KEY = "a key of more than twenty characters"
SHOWN = {"Authorization": f"Bearer {KEY}"}
COUNTS = """
import sys
from prometheus_client import CollectorRegistry
from bot.watching.figures import Figures
from bot.watching.present import Present
from portal.core.load import Load
figures = Figures(CollectorRegistry())
for _ in range(int(sys.argv[1])):
    figures(None, "info", {"event": "refused", "door": "chat", "reason": "busy"})
figures.sample(Load(connections=7, hashing=1), Present())
"""


async def ready() -> tuple[str, ...]:
    return ()


@asynccontextmanager
async def scraped(watching: Watching, key: str | None = KEY) -> AsyncIterator[httpx.AsyncClient]:
    settings = WebSettings(pages=pages_of(), unready=ready)
    async with client_of(create_app(settings, routes=route.routes(watching, key))) as client:
        yield client


async def text_of(watching: Watching) -> str:
    async with scraped(watching) as client:
        answer = await client.get("/metrics", headers=SHOWN)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


async def test_without_a_key_there_is_nothing(figures: Figures, portal: Portal) -> None:
    async with scraped(Watching(figures, portal), key=None) as client:
        answer = await client.get("/metrics", headers=SHOWN)

    assert answer.status_code == 404


@pytest.mark.parametrize("shown", ["", "Bearer ", "Bearer wrong", f"Basic {KEY}", KEY])
async def test_a_wrong_key_shows_nothing(figures: Figures, portal: Portal, shown: str) -> None:
    async with scraped(Watching(figures, portal)) as client:
        answer = await client.get("/metrics", headers={"Authorization": shown})

    assert answer.status_code == 401
    assert "hallpass_" not in answer.text


async def test_turns_and_queues_are_shown(
    desk: Assistant, figures: Figures, portal: Portal, clock: object
) -> None:
    await Chat(desk).say("hours")
    with portal.begin() as tx:
        tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To("marisol@mailbox.example"))
        tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To(None))

    text = await text_of(Watching(figures, portal))

    assert 'hallpass_turns_total{channel="rest",kind="text",outcome="answered"} 1.0' in text
    assert 'hallpass_queue_length{queue="inbox"} 0.0' in text
    assert 'hallpass_queue_length{queue="outbox"} 1.0' in text
    assert 'hallpass_queue_oldest_seconds{queue="outbox"} 0.0' in text
    assert "hallpass_build_info{" in text
    assert "hallpass_database_up 1.0" in text
    assert "mlopez" not in text


async def test_live_pages_and_what_is_heard_and_spoken_are_shown(figures: Figures, portal: Portal) -> None:
    """One recording is at work for good, two wait, and a fourth finds no place."""
    news = LiveNews(portal)
    shift = Shift(workers=1, waiting=2, seconds=60.0)
    ears, mouth = Ears({"en": "nowhere"}, shift), Mouth({"en": "nowhere"}, espeak=False)
    ears._crew = Crew({"work": "hear"}, shift, "tests.support.voice_worker")
    watching = Watching(figures, portal)
    watching.look_at(present(news, Voicing(ears, mouth, {}, found=Found(ears, mouth, ()))))

    with news.holding(), news.holding():
        asked = [asyncio.create_task(ears._crew.ask({"do": "hang"})) for _ in range(4)]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        busy = await text_of(watching)
    for task in asked:
        task.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    idle = await text_of(watching)

    assert "hallpass_chat_connections 2.0" in busy
    assert 'hallpass_voice_in_progress{work="hear"} 1.0' in busy
    assert 'hallpass_voice_queue_length{work="hear"} 2.0' in busy
    assert 'hallpass_voice_refused_total{work="hear"} 1.0' in busy
    assert 'hallpass_voice_queue_length{work="speak"} 0.0' in busy
    assert "hallpass_chat_connections 0.0" in idle
    assert 'hallpass_voice_in_progress{work="hear"} 0.0' in idle


async def test_figures_are_shown_while_the_database_is_away(figures: Figures, portal: Portal) -> None:
    away = without_database(portal)

    text = await text_of(Watching(figures, away))
    away.close()

    assert "hallpass_database_up 0.0" in text
    assert "hallpass_queue_length{" not in text


def count_elsewhere(folder: Path, times: int) -> None:
    environment = {**os.environ, VARIABLE: str(folder)}
    subprocess.run([sys.executable, "-c", COUNTS, str(times)], env=environment, cwd=ROOT, check=True)


async def test_workers_are_added_up_and_dead_ones_are_not_at_work(
    figures: Figures, portal: Portal, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path)
    count_elsewhere(folder, 2)
    count_elsewhere(folder, 3)

    text = await text_of(Watching(figures, portal, folder))

    assert 'hallpass_refusals_total{door="chat",reason="busy"} 5.0' in text
    assert "hallpass_database_connections_in_use 7.0" not in text


def test_a_new_server_forgets_what_dead_ones_counted(tmp_path: Path) -> None:
    dead, alive = (tmp_path / "metrics" / name for name in ("999999999", "1"))
    for folder in (dead, alive):
        folder.mkdir(parents=True)

    mine = make_folder(tmp_path)
    again = make_folder(tmp_path)

    assert mine == again
    assert sorted((tmp_path / "metrics").iterdir()) == sorted([alive, mine])
    assert list(mine.iterdir()) == []
