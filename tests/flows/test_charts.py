"""Look at how the grades went and at attendance, instead of reading them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.core.districts import District
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.closing import close_record, unlink
from tests.flows.school import write_school
from tests.flows.school_work import MORE
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.files import open_file

pytestmark = pytest.mark.usefixtures("work")
PNG = b"\x89PNG\r\n\x1a\n"
NEVER_SHOWN = ("Zoe", "Whitfield", "41")


def shown(chat: Chat) -> str:
    """Return the path of the one picture in the last replies."""
    [path] = [reply.image for reply in chat.replies if reply.image]
    return path


async def test_grades_of_several_terms_offer_a_chart(chat: Chat, portal: Portal) -> None:
    await sign_in(chat)
    await chat.say("what are Maya's grades")

    await chat.press("Show me a chart")

    [reply] = chat.replies
    assert reply.private
    assert reply.text == (
        "This is how the grades of Maya went, term by term. "
        "An open mark is a grade entered so far: it can still change."
    )
    made = open_file(portal, shown(chat))
    assert made is not None
    assert (made.media_type, made.name) == ("image/png", "")
    assert made.content.startswith(PNG)


async def test_the_chart_is_told_in_words_too(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("show me a graph of Maya's grades")

    assert chat.replies[0].image_alt.splitlines() == [
        "Chart of the grades of Maya by term.",
        "Algebra I: from 74% in Spring to 88% so far in Fall.",
        "English 9: from 77% in Spring to 95.5% so far in Fall.",
    ]
