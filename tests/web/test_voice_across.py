"""A recording reaches its turn also where another worker takes that turn first."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx
import pytest

from actions import all_actions
from bot.channels.districts import PortalDistricts
from bot.conversation.project import Project
from bot.conversation.turn import Assistant
from bot.conversation.understanding import Understanding
from portal.dialogue.models import ConversationRow, InboxRow
from portal.transaction import Portal
from tests.support.conversation import make_assistant
from tests.support.doors import build_app, client_of, open_chat
from tests.support.voices import voicing_of
from voice.speech import Transcribed

RECORDING = b"OggS what is an access id"
SAYS = {RECORDING: Transcribed("What is an Access ID?", sure=True)}


@pytest.fixture
def other(
    portal: Portal, families: None, project: Project, understanding: Understanding
) -> Iterator[Assistant]:
    """Return another worker: it shares the database and nothing else."""
    made = make_assistant(portal, all_actions(portal), understanding, project)
    voicing = voicing_of(SAYS)
    voicing.fetch_with("webchat", voicing.kept)
    made.listen_with(voicing)
    yield made
    made.close()


@pytest.fixture
async def page(portal: Portal, real_assistant: Assistant) -> AsyncIterator[httpx.AsyncClient]:
    voicing = voicing_of(SAYS)
    real_assistant.listen_with(voicing)
    districts = PortalDistricts(portal, preset="westborough")
    async with client_of(build_app(real_assistant, districts=districts, voicing=voicing)) as client:
        client.headers.update(await open_chat(client))
        await client.post("/chat/messages", json={"message": "sign in"})
        yield client


async def speak(page: httpx.AsyncClient, message_id: str = "m1") -> list[dict[str, object]]:
    answer = await page.post("/chat/voice", content=RECORDING, headers={"X-Message-Id": message_id})
    assert answer.status_code == 200
    return list(answer.json())


def held(portal: Portal, *, by: str | None) -> None:
    """Let the conversation be in the hand of another process, or of none."""
    with portal.begin() as tx:
        row = tx.session.query(ConversationRow).one()
        row.lease_owner, row.lease_until = by, None if by is None else tx.now + timedelta(seconds=60)


def waits(portal: Portal) -> bool:
    with portal.begin(read_only=True) as tx:
        return tx.session.query(InboxRow).filter(InboxRow.answered_at.is_(None)).count() > 0


async def stored(portal: Portal) -> None:
    """Wait until the message of the recording is in the inbox."""
    while not waits(portal):  # noqa: ASYNC110  (nothing in this process is told)
        await asyncio.sleep(0.01)


async def nobody(_: str) -> None:
    """Take up nothing, as a worker that is always a moment too late."""


async def test_a_recording_whose_turn_another_worker_took_is_heard_all_the_same(
    page: httpx.AsyncClient,
    portal: Portal,
    real_assistant: Assistant,
    other: Assistant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(portal, by="elsewhere")
    speaking = asyncio.create_task(speak(page))
    await stored(portal)
    monkeypatch.setattr(real_assistant._memory, "take_up", nobody)
    held(portal, by=None)

    await other.recover()
    replies = await speaking

    texts = [str(reply.get("text", "")) for reply in replies]
    assert texts[0] == "🎤 What is an Access ID?"
    assert "letter" in texts[1]
    assert not any("did not reach me" in text for text in texts)
    # What was being filled in is asked for again.
    assert "username" in texts[-1]


async def test_a_recording_that_is_sent_again_after_a_worker_was_killed_is_heard_once(
    page: httpx.AsyncClient, portal: Portal, real_assistant: Assistant, other: Assistant
) -> None:
    """The killed worker had stored the message; another one answered what it left."""
    held(portal, by="killed")
    lost = asyncio.create_task(speak(page))
    await stored(portal)
    held(portal, by=None)
    await other.recover()
    await lost

    first, second = await speak(page), await speak(page)

    history = (await page.get("/chat/history")).json()["entries"]
    assert first == second
    assert str(first[0]["text"]).startswith("🎤")
    assert [entry["text"] for entry in history if entry["author"] == "parent"][-1] == "What is an Access ID?"
    assert sum(entry.get("text") == "What is an Access ID?" for entry in history) == 1


async def test_a_recording_that_is_nowhere_is_told_and_the_step_is_kept(
    page: httpx.AsyncClient, portal: Portal, real_assistant: Assistant
) -> None:
    real_assistant.listen_with(voicing_of(SAYS))

    replies = await speak(page)

    assert "did not reach me" in str(replies[0]["text"])
    assert "username" in str(replies[-1]["text"])
