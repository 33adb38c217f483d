"""The program that is started serves the chat and the pages side by side."""

from pathlib import Path

import pytest

from bot.bootstrap import Application
from bot.conversation.pack_files import PackFiles
from bot.conversation.turn import Assistant
from bot.conversation.wording import Wording
from bot.mail.office import open_mail
from bot.settings import read_settings
from portal.transaction import Portal
from tests.support.conversation import hallpass_project
from tests.support.doors import client_of


@pytest.mark.parametrize(
    "address",
    ["/health", "/chat?district=westborough", "/westborough/public/sign-in", "/boston/public/trouble"],
)
async def test_every_way_in_has_its_address(
    portal: Portal, real_assistant: Assistant, tmp_path: Path, address: str
) -> None:
    settings = read_settings({"HALLPASS_VAR": str(tmp_path)}, demo=True)
    mail = open_mail(settings, portal, Wording(hallpass_project()))
    packs = PackFiles(settings.var)
    application = Application(settings, portal, real_assistant, None, mail, packs)

    async with client_of(application.web()) as client:
        answer = await client.get(address, headers={"Accept": "text/html"})

    assert answer.status_code == 200
