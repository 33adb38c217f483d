"""The doors of the microphone and of reading aloud: whose page, how much, and what may be spoken."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.voicing import Voicing
from tests.support.doors import build_app, client_of, open_chat
from tests.support.scripted_assistant import ScriptedAssistant
from tests.support.voices import SOUND, ScriptedMouth, voicing_of
from voice.limits import MOST_BYTES
from voice.speech import Unspoken, Why

RECORDING = b"\x1a\x45\xdf\xa3 a recording"


@pytest.fixture
def mouth() -> ScriptedMouth:
    return ScriptedMouth()


@pytest.fixture
def voicing(mouth: ScriptedMouth) -> Voicing:
    return voicing_of({}, mouth)


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture
async def browser(assistant: ScriptedAssistant, voicing: Voicing) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(build_app(assistant, voicing=voicing)) as client:
        client.headers.update(await open_chat(client))
        yield client


async def hear(client: httpx.AsyncClient, audio: bytes = RECORDING, **headers: str) -> httpx.Response:
    headers = {"X-Message-Id": "m1", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await client.post("/chat/voice?language=es", content=audio, headers=headers)


async def speak(client: httpx.AsyncClient, text: str, piece: object = 0) -> httpx.Response:
    return await client.post("/chat/speech", json={"text": text, "language": "en", "piece": piece})


async def test_a_recording_takes_a_turn_under_its_own_id_and_language(
    browser: httpx.AsyncClient, assistant: ScriptedAssistant, voicing: Voicing
) -> None:
    answer = await hear(browser)

    assert answer.status_code == 200
    [taken] = assistant.taken
    assert (taken.kind, taken.message_id, taken.language) == ("voice", "m1", "es")
    assert await voicing.kept(taken.text) is Why.LOST


async def test_a_recording_that_is_sent_again_is_answered_once(
    browser: httpx.AsyncClient, assistant: ScriptedAssistant
) -> None:
    first, second = await hear(browser), await hear(browser)

    assert first.json() == second.json()
    assert len(assistant.taken) == 1


@pytest.mark.case("S3")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X_CSRF_Token": "wrong"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"X_Message_Id": "m" * 201}, 422),
    ],
)
async def test_other_pages_are_not_heard(
    browser: httpx.AsyncClient, assistant: ScriptedAssistant, headers: dict[str, str], status: int
) -> None:
    answer = await hear(browser, **headers)

    assert answer.status_code == status
    assert assistant.taken == []


async def test_too_large_a_recording_is_cut_off(
    browser: httpx.AsyncClient, assistant: ScriptedAssistant
) -> None:
    answer = await hear(browser, bytes(MOST_BYTES + 1))

    assert answer.status_code == 413
    assert assistant.taken == []


async def test_an_answer_is_spoken_in_pieces(browser: httpx.AsyncClient, mouth: ScriptedMouth) -> None:
    await browser.post("/chat/messages", json={"message": "grades"})
    answer = await speak(browser, "Maya's grades:\nAlgebra 1: A-\nBiology: B+")

    assert answer.status_code == 200
    assert answer.content == SOUND
    assert answer.headers["content-type"] == "audio/ogg"
    assert answer.headers["x-pieces"] == "2"
    assert mouth.said == [("Maya's grades: Algebra 1: A minus.", "en")]


@pytest.mark.parametrize("text", ["Anything that I want to hear", "grades"])
async def test_only_what_the_assistant_said_is_spoken(
    browser: httpx.AsyncClient, mouth: ScriptedMouth, text: str
) -> None:
    await browser.post("/chat/messages", json={"message": "grades"})
    answer = await speak(browser, text)

    assert answer.status_code == 404
    assert mouth.said == []


async def test_records_are_not_spoken_any_more_after_the_session(
    browser: httpx.AsyncClient, mouth: ScriptedMouth
) -> None:
    for text in ("grades", "sign out"):
        await browser.post("/chat/messages", json={"message": text})
    answer = await speak(browser, "Maya's grades:\nAlgebra 1: A-\nBiology: B+")

    assert answer.status_code == 404
    assert mouth.said == []


@pytest.mark.parametrize("piece", [1, -1, "0", None, True])
async def test_a_piece_that_does_not_exist_is_refused(browser: httpx.AsyncClient, piece: object) -> None:
    await browser.post("/chat/messages", json={"message": "sign in"})
    answer = await speak(browser, "What is your username?", piece)

    assert answer.status_code == 404


async def test_a_busy_voice_says_when_to_try_again(browser: httpx.AsyncClient, mouth: ScriptedMouth) -> None:
    mouth.outcome = Unspoken(Why.BUSY)
    await browser.post("/chat/messages", json={"message": "sign in"})
    answer = await speak(browser, "What is your username?")

    assert answer.status_code == 503
    assert "retry-after" in answer.headers


async def test_no_microphone_is_offered_in_a_language_that_nobody_hears(browser: httpx.AsyncClient) -> None:
    unheard = await browser.get("/chat?language=kea")
    heard = await browser.get("/chat?language=es")

    assert 'id="mic"' not in unheard.text
    assert 'id="mic"' in heard.text


async def test_only_the_page_that_is_spoken_to_may_use_the_microphone(browser: httpx.AsyncClient) -> None:
    with_voice = await browser.get("/chat")
    elsewhere = await browser.get("/health")
    async with client_of(build_app(ScriptedAssistant())) as silent:
        without = await silent.get("/chat")

    assert "microphone=(self)" in with_voice.headers["permissions-policy"]
    assert 'id="mic"' in with_voice.text
    assert "microphone=()" in elsewhere.headers["permissions-policy"]
    assert "microphone=()" in without.headers["permissions-policy"]
    assert 'id="mic"' not in without.text
    assert "voice.js" not in without.text
