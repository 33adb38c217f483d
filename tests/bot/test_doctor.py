"""The doctor shows every setting, names what is legacy, and fails on what is unsafe."""

import os
import re
import socket
import stat
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.bootstrap import opened_portal
from bot.commands import hallpass
from bot.doctor import examine, sheet
from bot.doctor.judging import legacy
from bot.explaining import ADVICE
from bot.settings import ROOT, Settings, read_settings
from portal.accounts.mailing import for_recovery, post
from portal.accounts.models import AccountRow
from portal.accounts.outcomes import FailedWayIn
from portal.core.options import DistrictOptions, read_options
from portal.dialogue.outcomes import Arrival, ChatAddress
from portal.dialogue.staff_chats import StaffAsking
from portal.dialogue.start_codes import MintedStartCode
from portal.sis.models import PortalAccess
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.installation import KEY, SAFE, SAFE_ENVIRONMENT, install
from tests.support.portals import PASSWORD, make_district, make_parent, sign_in

LEAST: dict[str, Any] = {
    "name": "Grand Bend ISD",
    "portal_url": "https://portal.example/public",
    "time_zone": "America/Chicago",
    "help": {"default": {"phone": "(361) 555-0100"}},
}


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Path:
    return install(tmp_path / "var", database_url, monkeypatch)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(hallpass, arguments)


def unsafe(portal: Portal, settings: Settings) -> str:
    found = examine(settings, portal)
    said = [*found.unsafe, *(each for exam in found.districts for each in exam.unsafe)]
    assert found.is_safe is not bool(said)
    return " | ".join(said)


@pytest.fixture
def settings(var: Path) -> Settings:
    return read_settings(os.environ)


def test_safe_installation_passes(var: Path) -> None:
    result = run("doctor")

    assert result.exit_code == 0, result.output
    assert result.output.endswith("Nothing is unsafe.\n")
    assert "Unsafe" not in result.output
    assert "Legacy" not in result.output


def test_report_holds_no_secret_and_fits_the_screen(var: Path) -> None:
    long = "https://platform.example/" + "a" * 90
    (var / "districts" / "grandbend.yml").write_text(
        f"{SAFE}  '{'9' * 60}':\n    hours: Monday to Friday, 8:00 a.m. to 4:00 p.m., and by appointment\n"
        f"plugins:\n  - name: Library\n    url: {long}\n"
    )

    result = run("doctor")

    assert max(map(len, result.output.splitlines())) <= 80
    assert not any(secret in result.output for secret in ("CANARY", KEY))
    assert "mail.example" in result.output
    assert long in result.output.replace("\n      ", "")


def test_every_setting_is_shown_with_where_it_comes_from(var: Path) -> None:
    (var / "districts" / "grandbend.yml").write_text(
        f"{SAFE}profile: powerschool\nlock:\n  fails: 7\nlocales: [en, es]\n"
    )

    result = run("doctor")

    rows = {
        line.split()[0]: line.split(maxsplit=2)[1:] for line in result.output.splitlines() if line.strip()
    }
    assert rows["profile"] == ["file", "powerschool"]
    assert rows["lock.fails"] == ["file", "7"]
    assert rows["lock.mode"] == ["profile", "until_staff"]
    assert rows["password.min_length"] == ["profile", "8"]
    assert rows["lock.minutes"] == ["default", "15"]
    assert rows["locales"] == ["file", "en, es"]
    assert rows["help.default.phone"] == ["file", "(361) 555-0100"]
    assert rows["security_question"] == ["profile", "off"]
    assert rows["plugins"] == ["default", "none"]
    shown = {name.split(".")[0] for name in rows}
    assert {field.name for field in fields(DistrictOptions)} - {"name"} <= shown


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"profile": "powerschool"},
            ["profile powerschool", "lock.mode until_staff", "password.min_length 8"],
        ),
        (
            {"profile": "aspen", "password": {"min_length": 15}},
            ["profile aspen", "lock.mode until_staff", "security_question"],
        ),
        ({"lock": {"mode": "until_staff"}}, ["lock.mode until_staff"]),
        ({"password": {"upper_and_lower": True}}, ["password.upper_and_lower"]),
        (
            {"password": {"letter_and_number": True, "special": True}},
            ["password.letter_and_number, password.special"],
        ),
        ({"password": {"expires_days": 90}}, ["password.expires_days 90"]),
        ({"password": {"min_length": 14}}, ["password.min_length 14"]),
        ({"security_question": True}, ["security_question"]),
        ({}, []),
    ],
)
def test_what_only_follows_an_older_portal_is_legacy(given: dict[str, Any], told: list[str]) -> None:
    said = list(legacy(read_options("districts/w.yml", {**LEAST, **given})))

    assert [one.startswith(other) for one, other in zip(said, told, strict=True)] == [True] * len(told)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"portal_url": "http://portal.example"}, "portal_url http://portal.example"),
        ({"help": {}}, "no help contact"),
        ({"help": {"default": {"hours": "all day"}}}, "no help contact"),
        ({"help": {"default": {"email": "desk@schools.example"}}}, ""),
        ({"session_idle_minutes": 61}, "session_idle_minutes 61"),
        ({"session_idle_minutes": 60}, ""),
        (
            {"embed_origins": ["http://www.example", "https://www.example"]},
            "embed_origins http://www.example",
        ),
        ({"public_base_url": "http://hallpass.example"}, "http://hallpass.example is without HTTPS"),
    ],
)
def test_what_puts_families_at_risk_is_unsafe(
    portal: Portal, settings: Settings, given: dict[str, Any], told: str
) -> None:
    make_district(portal, "grandbend", **{**LEAST, **given})

    said = unsafe(portal, settings)

    assert said.count(" | ") == 0
    assert told in said
    assert bool(told) is bool(said)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"public_url": None}, "no public address"),
        ({"public_url": "http://hallpass.example"}, "without HTTPS"),
        ({"public_url": "http://127.0.0.1:8080"}, "without HTTPS"),
        ({"smtp_url": None}, "no mail server"),
        ({"smtp_url": "mail.example"}, "HALLPASS_SMTP_URL"),
        ({"mail_from": None}, "HALLPASS_MAIL_FROM"),
        ({"smtp_url": "smtp://mail.example?starttls=off"}, "Mails leave unencrypted"),
        ({"smtp_url": "smtp://127.0.0.1:25?starttls=off"}, ""),
        ({"smtp_url": "smtp://mail.example"}, ""),
        ({"secret_key": "password" * 6}, "HALLPASS_SECRET_KEY can be guessed"),
        ({"api_key": "demo"}, "HALLPASS_API_KEY can be guessed"),
        ({"api_key": "x" * 19}, "HALLPASS_API_KEY can be guessed"),
        ({"api_key": None}, ""),
    ],
)
def test_installation_that_puts_families_at_risk_is_unsafe(
    portal: Portal, settings: Settings, given: dict[str, Any], told: str
) -> None:
    make_district(portal, "grandbend", **LEAST)

    said = unsafe(portal, replace(settings, **given))

    assert told in said
    assert bool(told) is bool(said)
    assert "CANARY" not in said


def test_mail_server_that_cannot_be_read_is_shown_as_such(portal: Portal, settings: Settings) -> None:
    found = examine(replace(settings, smtp_url="ftp://user:CANARY@mail.example"), portal)

    assert dict(found.installation)["mail server"] == "cannot be read"
    assert "CANARY" not in "".join(sheet(found))


def test_folders_and_keys_that_others_may_read_are_unsafe(portal: Portal, settings: Settings) -> None:
    make_district(portal, "grandbend", **LEAST)
    elsewhere = replace(settings, secret_key=None, database_url="postgresql://db.example/hallpass")
    path = settings.var / "secret.key"
    path.write_text(KEY)
    path.chmod(0o640)
    settings.var.chmod(0o750)

    both = unsafe(portal, elsewhere)
    settings.var.chmod(0o700)
    path.chmod(0o600)

    assert f"chmod 600 {path}" in both
    assert f"chmod 700 {settings.var}" in both
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert unsafe(portal, elsewhere) == ""


def test_key_of_the_backups_that_anybody_may_read_is_unsafe(
    portal: Portal, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "backup.key"
    path.write_text("thirty-two random characters, say")
    with_key = replace(settings, backup_key_file=path)

    path.chmod(0o644)
    open_to_all = unsafe(portal, with_key)
    path.chmod(0o640)

    assert f"chmod o= {path}" in open_to_all
    assert str(path) not in unsafe(portal, with_key)


def test_key_beside_its_database_is_unsafe_but_for_the_demo(portal: Portal, settings: Settings) -> None:
    make_district(portal, "grandbend", **LEAST)
    (settings.var / "secret.key").write_text(KEY)
    (settings.var / "secret.key").chmod(0o600)
    beside = replace(settings, secret_key=None, database_url=f"sqlite:///{settings.var}/hallpass.db")
    apart = replace(beside, database_url="sqlite:////srv/data/hallpass.db")

    assert "The key lies beside the database" in unsafe(portal, beside)
    assert unsafe(portal, apart) == ""
    assert unsafe(portal, replace(beside, demo=True)) == ""


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"])
def test_demo_on_this_machine_needs_neither_https_nor_a_mail_server(
    portal: Portal, settings: Settings, address: str
) -> None:
    make_district(portal, "grandbend", **LEAST)
    demo = replace(settings, demo=True, public_url=address, smtp_url=None, mail_from=None, api_key="demo")

    assert unsafe(portal, demo) == ""
    assert "without HTTPS" in unsafe(portal, replace(demo, public_url="http://hallpass.example"))


def test_unsafe_installation_ends_with_status_one(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HALLPASS_SMTP_URL")
    monkeypatch.delenv("HALLPASS_PUBLIC_URL")

    result = run("doctor")

    assert result.exit_code == 1
    assert "2 thing(s) are unsafe" in result.output
    assert "Traceback" not in result.output


def test_demo_districts_are_legacy_and_safe(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SAFE_ENVIRONMENT:
        monkeypatch.delenv(name)
    (var / "districts" / "grandbend.yml").unlink()
    for slug in ("westborough", "boston"):
        options = (ROOT / "data" / "demo" / slug / "district.yml").read_bytes()
        (var / "districts" / f"{slug}.yml").write_bytes(options)

    result = run("doctor", "--demo")

    assert result.exit_code == 0, result.output
    assert "profile aspen" in result.output
    assert "profile powerschool" in result.output


def test_installation_without_a_district_is_told_what_to_write(var: Path) -> None:
    (var / "districts" / "grandbend.yml").unlink()

    result = run("doctor")

    assert result.exit_code == 0
    assert "write districts/<name>.yml" in result.output


def test_wrong_district_file_is_named_with_line_and_key(var: Path) -> None:
    (var / "districts" / "grandbend.yml").write_text(f"{SAFE}lock:\n  fails: 1000\n")

    result = run("doctor")

    assert result.exit_code == 1
    assert "districts/grandbend.yml, line 8: lock: fails must be a whole number" in result.output


def test_wrong_district_file_stops_the_start(var: Path) -> None:
    (var / "districts" / "grandbend.yml").write_text(f"{SAFE}name: Twice ISD\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    result = run("serve", "--port", str(port))

    assert result.exit_code == 1
    assert result.output == (
        "districts/grandbend.yml, line 7: name is there twice, first on line 1; remove one.\n"
    )


def test_explaining_tells_staff_since_when_and_the_next_step(var: Path) -> None:
    with opened_portal(read_settings(os.environ)) as portal:
        make_parent(portal, "grandbend", expired=True)
        for _ in range(10):
            sign_in(portal, password="some quite wrong words", district="grandbend")

    result = run("explain", "MLOPEZ")

    lines = result.output.splitlines()
    assert result.exit_code == 0
    assert lines[0] == "mlopez in grandbend (Grand Bend ISD)"
    assert lines[1].startswith("1. The name is locked after too many wrong passwords, since 20")
    assert '     hallpass staff unlock mlopez --district grandbend --reason "..."' in lines
    assert any(line.startswith("2. The password must be changed") for line in lines)
    assert any(line.startswith("3. There is no e-mail address on the account") for line in lines)
    assert max(map(len, lines)) <= 80


def test_explaining_tells_until_when_and_how_many(var: Path) -> None:
    with opened_portal(read_settings(os.environ)) as portal:
        make_parent(portal, "grandbend", temporary=True, contact_id="c1")
        with portal.begin() as tx:
            tx.session.add(
                PortalAccess(
                    district_id="grandbend",
                    id="a1",
                    digest=b"",
                    contact_id="c1",
                    student_id="s1",
                    allowed=False,
                    receives_email=True,
                )
            )

    result = run("explain", "mlopez")

    said = " ".join(result.output.split())
    assert re.search(
        r"1\. The password must be changed at the next sign-in, since \S+ \S+, until \S+ \S+\.", said
    )
    assert "3. Your records bar this contact from students, 1 student(s)." in said


def test_explaining_shows_what_was_tried_and_what_was_mailed(var: Path) -> None:
    with opened_portal(read_settings(os.environ)) as portal:
        address = {"email": "m@families.example", "email_confirmed": True}
        account_id = make_parent(portal, "grandbend", **address)
        for password in ("some quite wrong words", PASSWORD):
            sign_in(portal, password=password, district="grandbend", channel="web", device="phone")
        with portal.begin() as tx:
            account = tx.session.get_one(AccountRow, account_id)
            post(tx.context, for_recovery(tx.districts.get_one("grandbend"), account, "", "en"))
        sign_in(portal, "nobody", district="grandbend", channel="telegram")

    known, unknown = run("explain", "mlopez"), run("explain", "nobody")

    assert re.search(r"sign in  got in +web +1", known.output)
    assert re.search(r"sign in  wrong password +web +1", known.output)
    assert re.search(r"recover password  m@families\.example  waits", known.output)
    assert "Sessions:" in known.output
    assert re.search(r"sign in  unknown name +telegram", unknown.output)
    assert "Sessions:" not in unknown.output


def test_explaining_is_on_record(var: Path) -> None:
    with opened_portal(read_settings(os.environ)) as portal:
        account = make_parent(portal, "grandbend")

    run("explain", "mlopez")
    run("explain", "nobody")

    with opened_portal(read_settings(os.environ)) as portal, portal.begin(read_only=True) as tx:
        subject = tx.audit.pseudonym("grandbend", f"account:{account}")
        found = tx.session.connection().exec_driver_sql(
            "select subject, details from audit where event = 'account.explained' order by number"
        )
        first, second = found.all()
    assert first.subject == subject
    assert '"causes": "no_email"' in first.details
    assert "command line: " in first.details
    assert (second.subject, "unknown_name" in second.details) == ("", True)


def test_explaining_an_address_names_the_account_it_belongs_to(var: Path) -> None:
    with opened_portal(read_settings(os.environ)) as portal:
        account = make_parent(portal, "grandbend")
        with portal.begin() as tx:
            row = tx.session.get_one(AccountRow, account)
            row.email, row.email_key = "MLopez@x.example", "mlopez@x.example"

    result = run("explain", "mlopez@x.example", "--district", "grandbend")

    assert "1. Nobody has this username." in result.output
    assert "     hallpass explain mlopez --district grandbend" in result.output


def test_explaining_never_lets_a_name_steer_the_terminal(var: Path) -> None:
    result = run("explain", "\x1b[2Jx; rm -rf ~")

    assert result.exit_code == 0
    assert "\x1b" not in result.output


def test_explaining_needs_a_district_when_there_are_several(var: Path) -> None:
    (var / "districts" / "other.yml").write_text(SAFE)

    result = run("explain", "mlopez")

    assert result.exit_code == 1
    assert "--district: grandbend, other" in result.output


def test_every_cause_has_its_advice() -> None:
    assert set(ADVICE) == set(FailedWayIn)


TOKEN = "110201543:CANARY-token-AAHdqTcvCH1vGWJxfSeofSAs0K"


def telegram(portal: Portal, settings: Settings) -> str:
    found = examine(settings, portal)
    return " | ".join(f"{name}: {value}" for name, value in found.installation if name.startswith("Telegram"))


def test_without_a_token_there_is_no_bot(portal: Portal, settings: Settings) -> None:
    assert telegram(portal, settings) == "Telegram: none: TELEGRAM_TOKEN is not set"


def test_a_bot_is_shown_with_its_chats_and_never_with_its_token(
    portal: Portal, settings: Settings, clock: FakeClock
) -> None:
    make_district(portal)
    with portal.begin() as tx:
        address = ChatAddress("telegram:110201543", {"chat": 41})
        tx.dialogue.receive(Arrival("telegram", "41", "m1", {}, {}, address))
        minted = tx.staff_chats.new_code("westborough", by="Kim")
        assert isinstance(minted, MintedStartCode)
        tx.staff_chats.open(StaffAsking(minted.code, address, "Kim", "1"))
    clock.advance(minutes=6)
    said = telegram(portal, replace(settings, telegram_token=TOKEN))
    fetching = telegram(portal, replace(settings, telegram_token=TOKEN, public_url="http://127.0.0.1:8080"))

    assert "bot 110201543; Telegram calls the public address" in said
    assert "1 of families, 1 of staff; 0 out of reach" in said
    assert "1 wait to be sent, for longer than five minutes" in said
    assert "updates are fetched" in fetching
    assert "CANARY" not in said


@pytest.mark.parametrize(
    ("api", "is_safe"), [("http://10.0.0.4:8081", False), ("http://127.0.0.1:8081", True)]
)
def test_a_bot_api_reached_in_the_clear_is_unsafe(
    portal: Portal, settings: Settings, api: str, *, is_safe: bool
) -> None:
    asked = replace(settings, telegram_token=TOKEN, telegram_api=api)

    assert ("HALLPASS_TELEGRAM_API" not in unsafe(portal, asked)) is is_safe


@pytest.mark.parametrize(
    "api", ["api.telegram.org", "https://", f"https://api.telegram.org/bot{TOKEN}", "ftp://a"]
)
def test_an_address_that_is_none_stops_the_start_in_one_sentence(
    var: Path, monkeypatch: pytest.MonkeyPatch, api: str
) -> None:
    monkeypatch.setenv("HALLPASS_TELEGRAM_API", api)
    result = run("doctor")

    assert result.exit_code == 1
    assert result.output.startswith("HALLPASS_TELEGRAM_API is no address")
    assert "CANARY" not in result.output


def test_a_bot_without_an_address_for_passwords_is_named(portal: Portal, settings: Settings) -> None:
    said = unsafe(portal, replace(settings, telegram_token=TOKEN, public_url=None))

    assert "nobody can sign in from Telegram" in said


def test_a_token_that_is_none_stops_the_start_and_is_not_repeated(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "bot CANARY")
    result = run("doctor")

    assert result.exit_code == 1
    assert result.output.startswith("TELEGRAM_TOKEN is no token: copy it from @BotFather")
    assert "CANARY" not in result.output
