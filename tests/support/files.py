"""Open the private files that a conversation hands out, as whoever holds the address does."""

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp

from bot.files import route
from bot.files.makers import makers
from bot.files.making import MadeFile
from bot.files.shelf import Shelf
from portal.core.outcomes import Refused
from portal.transaction import Portal
from tests.support.conversation import Chat
from tests.support.doors import DATA, always_ready, pages_of
from web.app import WebSettings, create_app


def attached(chat: Chat) -> str:
    """Return the path of the one file that the last replies hand out."""
    [path] = [reply.attachment for reply in chat.replies if reply.attachment]
    return path


def open_file(portal: Portal, path: str) -> MadeFile | None:
    """Make the file of a path; None where there is none any more."""
    with portal.begin(read_only=True) as tx:
        opened = tx.files.open(path.removeprefix("/files/"))
        if isinstance(opened, Refused):
            return None
        draw = makers(DATA)[opened.kind](opened)
    return None if isinstance(draw, Refused) else draw()


def made_for(chat: Chat, portal: Portal) -> MadeFile:
    """Make the file that was handed out last."""
    made = open_file(portal, attached(chat))
    assert made is not None
    return made


@contextmanager
def files_site(portal: Portal) -> Iterator[ASGIApp]:
    """Build the application with the door of private files alone."""
    settings = WebSettings(pages=pages_of(), unready=always_ready)
    yield create_app(settings, routes=route.routes(Shelf(portal, makers(DATA))))
