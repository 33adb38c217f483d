"""A district is rehearsed with made-up families; nothing of the district itself is touched."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from bot.commands import hallpass
from bot.messages import IncomingMessage, Reply
from bot.rehearsing.checks import Finding
from bot.rehearsing.rehearsal import Rehearsed, line_of, rehearse, report
from bot.rehearsing.stage import staged
from bot.rehearsing.walks import Walked, walk_all
from bot.settings import Settings, read_settings
from portal.accounts.models import AccountRow
from portal.core.errors import SettingsError
from portal.transaction import Portal
from tests.support.portals import make_district
from tests.support.trained import lend

GIVEN = {"name": "W", "portal_url": "https://p.example", "time_zone": "America/New_York"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    lend(tmp_path)
    return read_settings({"HALLPASS_VAR": str(tmp_path)})


@pytest.mark.parametrize(
    "given",
    [
        {"profile": "powerschool", "pilot_schools": ["999"]},
        {"profile": "aspen", "account_opening": "request", "locales": ["es"], "lock": {"fails": 1}},
        {
            "parent_single_sign_on": False,
            "password": {"min_length": 64, "special": True, "upper_and_lower": True},
            "class_registration": False,
        },
    ],
)
def test_made_up_families_walk_through_everything(
    portal: Portal, settings: Settings, given: dict[str, Any]
) -> None:
    make_district(portal, "westborough", **given)

    found = rehearse(settings, portal, "westborough", lambda _: None)

    assert [each for each in found.walked if each.trouble] == []
    assert sum(each.steps for each in found.walked) > 30
    assert not found.is_ready
    with portal.begin(read_only=True) as tx:
        assert tx.session.scalar(select(func.count()).select_from(AccountRow)) == 0


class _Silent:
    """Say nothing to anybody."""

    async def take_turn(self, _: IncomingMessage) -> list[Reply]:
        return []


async def test_assistant_that_says_nothing_stumbles(settings: Settings) -> None:
    walked: list[Walked] = []
    with staged(settings, "westborough", GIVEN) as stage:
        await walk_all(replace(stage, assistant=_Silent()), walked.append)  # type: ignore[arg-type]

    assert {each.trouble.rpartition(": ")[2] for each in walked} == {"the assistant said nothing"}
    assert line_of(walked[0]).split() == ["stumbled", "en", *walked[0].name.split()]


def test_report_says_where_it_stumbled_and_what_to_mend() -> None:
    stumbled = Walked("signs in", "es", 0, "no masked field was offered")
    told = list(report(Rehearsed([Finding("No roster.", must=True), Finding("No bot.")], [stumbled])))

    assert told == [
        "",
        "1 walks, 0 steps, 1 stumbled.",
        "- [es] signs in: no masked field was offered",
        "",
        "Must be mended before families come:",
        "- No roster.",
        "",
        "Better mended:",
        "- No bot.",
        "",
        "Not ready yet: mend the lines above.",
    ]


def test_district_is_ready_when_nothing_must_be_mended() -> None:
    ready = Rehearsed([Finding("No bot.")], [Walked("signs in", "es", 3)])

    assert ready.is_ready
    assert list(report(ready))[-1] == "Ready: families may come."


def test_unknown_district_is_said(portal: Portal, settings: Settings) -> None:
    with pytest.raises(SettingsError, match="There is no district 'nowhere'"):
        rehearse(settings, portal, "nowhere", lambda _: None)


def test_command_ends_with_one_sentence_and_a_status(tmp_path: Path) -> None:
    ran = CliRunner().invoke(
        hallpass, ["rehearse", "--district", "nowhere"], env={"HALLPASS_VAR": str(tmp_path)}
    )

    assert ran.exit_code == 1
    assert "There is no district 'nowhere'" in ran.output
