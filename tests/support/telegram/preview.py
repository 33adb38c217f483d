"""Show recorded conversations as a phone would: `python -m tests.support.telegram.preview a.html [a.png]`.

The demo's families talk with the real assistant through the channel and the emulator; what stands in
their chats is rendered by `preview.html`, a page of our own.
"""

import asyncio
import base64
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from bot.bootstrap import Application, start
from bot.channels.telegram.updates import CHANNEL, sender_of, source_of
from bot.demo import Demo
from bot.files.makers import makers
from bot.files.shelf import Shelf
from bot.messages import Bearer
from bot.settings import read_settings
from tests.support.telegram.chats import Shown
from tests.support.telegram.line import Line
from tests.support.telegram.person import Person

HERE = Path(__file__).parent
HEIGHT = 880
USERNAME = "mlopez"
# What is typed into the hidden field instead of into the chat.
PASSWORD = "(password)"


@dataclass(frozen=True, slots=True)
class Scene:
    """Say what is typed on one phone, in which language."""

    language: str
    says: Sequence[str]
    title: str
    hint: str
    caption: str


SCENES = (
    Scene(
        "en",
        ("what are Maya's grades?", USERNAME, PASSWORD),
        "Westborough Parent Portal",
        "Message",
        "The password goes into a hidden page, never into the chat",
    ),
    Scene(
        "en",
        ("what are Maya's grades?", USERNAME, PASSWORD, "show me a chart"),
        "Westborough Parent Portal",
        "Message",
        "A picture, and under it all that it shows in words",
    ),
    Scene(
        "es",
        ("¿cuántas faltas tiene Maya?", USERNAME, PASSWORD, "imprimir esta página"),
        "Portal de Padres de Westborough",
        "Mensaje",
        "In the family's language; a page to print is a file",
    ),
)


def rendered(phones: Sequence[dict[str, Any]], height: int = HEIGHT) -> str:
    """Return the page that shows these phones."""
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=select_autoescape())
    return environment.get_template("preview.html").render(phones=phones, height=height)


def phone_of(scene: Scene, messages: Sequence[Shown]) -> dict[str, Any]:
    """Return what the page shows of one phone."""
    fields = {name: getattr(scene, name) for name in ("language", "title", "hint", "caption")}
    return {**fields, "messages": [_message(shown) for shown in messages]}


def _message(shown: Shown) -> dict[str, Any]:
    content = shown.file or b""
    picture = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    return {
        "by_bot": shown.by_bot,
        "text": shown.text,
        "rows": [[button["text"] for button in row] for row in shown.buttons],
        "is_protected": shown.is_protected,
        "picture": picture if shown.kind == "photo" else "",
        "paper": shown.file_name if shown.kind == "document" else "",
        "size": f"{len(content) / 1024:.0f} KB",
    }


async def play(application: Application, scene: Scene, number: int) -> list[Shown]:
    """Hold one conversation; return what stands in the chat at its end."""
    shelf = Shelf(application.portal, makers(application.settings.data))
    line = Line(application.assistant, application.portal, files=shelf)
    person = line.person(number, "María", scene.language)
    for said in scene.says:
        if said == PASSWORD:
            await _submit(application.demo, line, person)
        else:
            await person.types(said)
        await line.settled()
    assert line.emulator.faults == []
    return person.sees


async def _submit(demo: Demo | None, line: Line, person: Person) -> None:
    """Do on the hidden page what its button opens."""
    assert demo is not None
    password = next(each.password for each in demo.parents if each.username == USERNAME)
    [address] = [b["web_app"]["url"] for row in person.last.buttons for b in row if "web_app" in b]
    source = source_of(person.number)
    bearer = Bearer(CHANNEL, sender_of(line.settings, person.number), source, device=source)
    ticket = address.rsplit("/", 1)[1]
    await line.assistant.submit_secret(ticket, {"password": password}, bearer=bearer)


async def phones_of_the_demo() -> list[dict[str, Any]]:
    """Make the demo anew and let its families talk."""
    with TemporaryDirectory() as var:
        application = start(read_settings({"HALLPASS_VAR": var}, demo=True))
        try:
            return [
                phone_of(scene, await play(application, scene, 4711 + n)) for n, scene in enumerate(SCENES)
            ]
        finally:
            application.close()


def photograph(page: Path, picture: Path) -> None:
    """Take a picture of a page with the browser that the tests use."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (only where a picture is wanted)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        opened = browser.new_page()
        opened.goto(page.resolve().as_uri())
        opened.locator("main").screenshot(path=picture)
        browser.close()


def main(page: Path, picture: Path | None = None) -> None:
    """Write the page, and the picture where one is wanted."""
    page.write_text(rendered(asyncio.run(phones_of_the_demo())), encoding="utf-8")
    if picture is not None:
        photograph(page, picture)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
