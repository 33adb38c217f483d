"""What a district lacks is said before its families come, the most urgent first."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.rehearsing.checks import findings
from bot.settings import Settings, read_settings
from portal.core.options import DistrictOptions, read_options
from portal.helpdesk.readiness import Stock
from tests.support.clock import START

WELL = Stock(
    imported_at=START - timedelta(days=1),
    schools={"101": "Assabet Ridge School"},
    students=100,
    with_letter=100,
    reachable=95,
    notices=3,
    money_entries=3,
    offerings=3,
    staff={"district_administrator": 1, "desk": 2},
)
HELP = {"default": {"phone": "(508) 555-0192", "email": "help@schools.example"}}


def options(**given: Any) -> DistrictOptions:
    named = {"name": "W", "portal_url": "https://p.example", "time_zone": "America/New_York", "help": HELP}
    return read_options("w.yml", {**named, **given})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(
        {
            "HALLPASS_VAR": str(tmp_path),
            "HALLPASS_PUBLIC_URL": "https://parents.example",
            "HALLPASS_SMTP_URL": "smtps://mail.example",
            "TELEGRAM_TOKEN": f"123456789:{'A' * 35}",
        }
    )


def test_district_that_lacks_nothing_hears_nothing(settings: Settings) -> None:
    assert findings(settings, options(), WELL, START) == []


@pytest.mark.parametrize(
    ("stock", "given", "said", "must"),
    [
        ({"imported_at": None}, {}, "No roster is here", True),
        ({"imported_at": START - timedelta(days=9)}, {}, "The roster is 9 days old", False),
        ({"with_letter": 0}, {}, "100 of 100 students have no letter", True),
        ({"with_letter": 90}, {}, "10 of 100 students have no letter", False),
        ({"reachable": 79}, {}, "Only 79 of 100 students", False),
        ({"staff": {}}, {}, "No district administrator", True),
        ({"staff": {"district_administrator": 1, "auditor": 4}}, {}, "Only one person", False),
        ({"notices": 0}, {"school_bulletin": True}, "there is no notice", False),
        ({"money_entries": 0}, {"lunch_balance": True}, "holds no entry", False),
        ({"offerings": 0}, {}, "no course is offered", False),
        ({}, {"help": {}}, '"Contact your school" says nothing', True),
        ({}, {"help": {"default": {"phone": "1"}}}, "help.default has no e-mail", True),
        ({}, {"help": {**HELP, "999": {"phone": "1"}}}, "help names the school 999", False),
        ({}, {"pilot_schools": ["999"]}, "pilot_schools names 999", True),
        ({}, {"pilot_schools": ["101"]}, "only families of Assabet Ridge School are served", False),
        ({}, {"locales": ["en", "xx"]}, "no language pack xx", True),
        ({}, {"public_base_url": "http://parents.example"}, "is not HTTPS", True),
    ],
)
def test_what_is_lacking_is_said_with_what_to_do(
    settings: Settings, *, stock: dict[str, Any], given: dict[str, Any], said: str, must: bool
) -> None:
    found = findings(settings, options(**given), replace(WELL, **stock), START)

    assert said in found[0].said
    assert found[0].must is must


def test_letters_are_not_asked_for_where_accounts_are_requested(settings: Settings) -> None:
    found = findings(settings, options(account_opening="request"), replace(WELL, with_letter=0), START)

    assert found == []


def test_most_urgent_comes_first(tmp_path: Path) -> None:
    found = findings(read_settings({"HALLPASS_VAR": str(tmp_path)}), options(), WELL, START)

    assert [each.must for each in found] == [True, True, False]
    assert "No public address" in found[0].said
