"""Print letters at the command line: one file, whole or not at all, and the same again after a kill."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.commands import hallpass
from bot.files.letters import LetterPress
from bot.letter_runs import WantedLetters, print_letters
from bot.settings import Settings, read_settings
from portal.core.errors import SettingsError
from portal.helpdesk.onboarding.models import LetterRow
from portal.transaction import Portal
from tests.support.families import HELP, Letter, import_roster
from tests.support.pdf import pages_of
from tests.support.portals import make_district
from tests.support.rosters import small_roster

PASSWORD = re.compile(r"\b(?:[0-9A-Z]{3}-){5}[0-9A-Z]{3}\b")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    environment = {"HALLPASS_VAR": str(tmp_path / "var"), "HALLPASS_PUBLIC_URL": "https://hallpass.example"}
    return read_settings(environment)


@pytest.fixture
def families(portal: Portal, tmp_path: Path) -> Mapping[str, Letter]:
    make_district(portal, help=HELP, locales=["en", "es"])
    roster = small_roster().student("S3", "Zoe", "Whitfield", orgSourcedIds="MS")
    return import_roster(portal, tmp_path / "set", roster, "westborough")


def wanted(path: Path, **typed: Any) -> WantedLetters:
    usual: dict[str, Any] = {"district": None, "school": "100", "student": None, "language": "auto"}
    return WantedLetters(**{**usual, "is_household": False, "again": False, "path": path, **typed})


@pytest.mark.usefixtures("families")
def test_a_school_is_printed_into_one_file_that_only_its_owner_reads(
    portal: Portal, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "letters.pdf"

    told = print_letters(settings, portal, wanted(path))

    pages = pages_of(path.read_bytes())
    assert told == [f"2 letters are in {path}. Print them one-sided, then delete the file."]
    assert ["Diego López" in page for page in pages] == [False, True]
    assert all(len(PASSWORD.findall(page)) == 1 for page in pages)
    assert all("Create Parent Account" in page and "https://ps.westboroughk12.org" in page for page in pages)
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.glob("*.pdf")] == ["letters.pdf"]


@pytest.mark.usefixtures("families")
def test_a_second_run_prints_nothing_and_says_how_to_replace_them(
    portal: Portal, settings: Settings, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.pdf", tmp_path / "second.pdf"
    print_letters(settings, portal, wanted(first))

    told = print_letters(settings, portal, wanted(second))

    assert told[0].startswith("Nothing was printed: all 2 students have a letter. --again prints new ones")
    assert not second.exists()
    print_letters(settings, portal, wanted(second, again=True))
    assert passwords(first).isdisjoint(passwords(second))


def passwords(path: Path) -> set[str]:
    return {found for page in pages_of(path.read_bytes()) for found in PASSWORD.findall(page)}


@pytest.mark.usefixtures("families")
def test_a_run_that_was_killed_before_its_file_was_there_goes_on_with_the_same_letters(
    portal: Portal, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "letters.pdf"

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(LetterPress, "set", killed)
        with pytest.raises(KeyboardInterrupt):
            print_letters(settings, portal, wanted(path))
    codes = stored(portal)
    nothing_left = list(tmp_path.glob("*.pdf"))

    print_letters(settings, portal, wanted(path))

    assert nothing_left == []
    assert stored(portal) == codes
    assert len(passwords(path)) == 2


def stored(portal: Portal) -> set[bytes | None]:
    with portal.begin(read_only=True) as tx:
        return set(tx.session.scalars(select(LetterRow.code_hash)))


def test_one_student_gets_a_new_letter(
    portal: Portal, settings: Settings, tmp_path: Path, families: Mapping[str, Letter]
) -> None:
    path = tmp_path / "letter.pdf"

    print_letters(settings, portal, wanted(path, school=None, student="S2", language="es"))

    [page] = pages_of(path.read_bytes())
    assert "Para la familia de Diego López" in page
    assert families["S2"].access_id in page
    assert families["S2"].password not in page


@pytest.mark.usefixtures("families")
def test_a_household_stands_on_one_sheet(portal: Portal, settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "letters.pdf"

    print_letters(settings, portal, wanted(path, is_household=True))

    [page] = pages_of(path.read_bytes())
    assert "To the family of Maya López and Diego López" in page
    assert len(PASSWORD.findall(page)) == 2


@pytest.mark.usefixtures("families")
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"school": "999"}, r"There is no school '999': name one of 100 \(Assabet High\), 200"),
        ({"student": "999", "school": None}, "No student of westborough has the number '999'"),
        ({"language": "xx"}, "There is no language pack 'xx': choose auto or one of ar, en"),
        ({"path": Path("/nowhere/at/all.pdf")}, "cannot be written .*: choose another place with -o"),
        ({"district": "boston"}, "Say which district with --district: westborough"),
    ],
)
def test_what_cannot_be_printed_is_one_sentence_and_voids_nothing(
    portal: Portal, settings: Settings, tmp_path: Path, typed: Mapping[str, Any], says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        print_letters(settings, portal, wanted(**{"path": tmp_path / "letters.pdf", **typed}))

    assert stored(portal) == set()


@pytest.mark.usefixtures("families")
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"student": "S1", "school": None}, "this is not for one of their families"),
        ({"school": "100"}, r"no school .100.: .* Only the schools of pilot_schools take part now"),
        ({"school": None}, "Only the schools of pilot_schools take part now"),
    ],
)
def test_in_a_pilot_nothing_is_printed_for_the_other_schools(
    portal: Portal, settings: Settings, tmp_path: Path, typed: Mapping[str, Any], says: str
) -> None:
    make_district(portal, pilot_schools=["999"])

    with pytest.raises(SettingsError, match=says):
        print_letters(settings, portal, wanted(**{"path": tmp_path / "letters.pdf", **typed}))

    assert stored(portal) == set()


@pytest.mark.usefixtures("families")
def test_without_an_address_the_letters_wait_until_there_is_one(
    portal: Portal, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "letters.pdf"

    with pytest.raises(SettingsError, match="set HALLPASS_PUBLIC_URL"):
        print_letters(replace(settings, public_url=None), portal, wanted(path))
    assert not path.exists()

    print_letters(settings, portal, wanted(path))
    assert len(passwords(path)) == 2


def test_the_command_says_what_to_do_where_there_is_no_district(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setenv("HALLPASS_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("HALLPASS_DATABASE_URL", database_url)

    result = CliRunner().invoke(hallpass, ["letters", "--school", "100", "-o", str(tmp_path / "l.pdf")])

    assert result.exit_code == 1
    assert "Say which district with --district: there is none yet." in result.output
