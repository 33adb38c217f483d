"""The command line does what it says, or says in one sentence what to do."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from bot.bootstrap import opened_portal
from bot.commands import hallpass
from bot.serving.order import Order
from bot.settings import ROOT, read_settings
from portal.accounts.outcomes import Asker, MailAsked, RecoverPassword
from tests.support.patience import PATIENCE
from tests.support.portals import sign_in
from tests.support.published import published
from tests.support.trained import lend

OPTIONS = "name: Grand Bend ISD\nportal_url: https://portal.example/public\ntime_zone: America/Chicago\n"


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Path:
    """Make a state folder with one district, on this run's database."""
    folder = tmp_path / "var"
    (folder / "districts").mkdir(parents=True)
    (folder / "districts" / "grandbend.yml").write_text(OPTIONS)
    monkeypatch.setenv("HALLPASS_VAR", str(folder))
    monkeypatch.setenv("HALLPASS_DATABASE_URL", database_url)
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(hallpass, arguments)


@pytest.fixture
def grand_bend() -> Path:
    return published("oneroster-1.1-grand-bend-families")


def test_import_of_a_real_set_prints_what_was_added(var: Path, grand_bend: Path) -> None:
    result = run("import", "--district", "grandbend", str(grand_bend))

    counted = {line.split()[0]: line.split()[1:] for line in result.output.splitlines() if line[:1].isalpha()}
    assert result.exit_code == 0, result.output
    assert counted["students"][0] == "100"
    assert counted["contacts"][0] == "200"
    assert "Imported OneRoster 1.1, bulk." in result.output


def test_import_finds_by_itself_that_a_set_is_ed_fi(var: Path) -> None:
    result = run(
        "import", "--district", "grandbend", str(published("edfi-5.2-grand-bend-families")), "--dry-run"
    )

    assert result.exit_code == 0, result.output
    assert "this was a dry run of Ed-Fi 5.2, bulk." in result.output
    assert "Warning: the set has no StudentSchoolAssociation" in result.output


def test_folder_that_is_no_set_is_told_what_is_accepted(var: Path, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "notes.txt").write_text("hello")

    result = run("import", "--district", "grandbend", str(tmp_path / "set"))

    assert result.exit_code == 1
    assert "accepted are a folder or a ZIP with the CSV files of OneRoster" in result.output
    assert "the XML interchange files of Ed-Fi 5.2" in result.output


def test_dry_run_changes_nothing(var: Path, grand_bend: Path) -> None:
    first = run("import", "--district", "grandbend", "--dry-run", str(grand_bend))
    second = run("import", "--district", "grandbend", "--dry-run", str(grand_bend))

    assert first.exit_code == 0
    assert "Nothing was changed: this was a dry run of OneRoster 1.1, bulk." in first.output
    assert second.output == first.output


def test_broken_set_is_refused_with_file_and_row(var: Path, tmp_path: Path, grand_bend: Path) -> None:
    broken = shutil.copytree(grand_bend, tmp_path / "set")
    lines = (broken / "enrollments.csv").read_text().splitlines()
    lines[1] = lines[1].replace("STU604822", "STU000000")
    (broken / "enrollments.csv").write_text("\n".join(lines) + "\n")

    result = run("import", "--district", "grandbend", str(broken))

    assert result.exit_code == 1
    assert "enrollments.csv, row 2, column userSourcedId" in result.output
    assert "Nothing was imported" in result.output


def test_unknown_district_is_told_which_file_to_write(var: Path) -> None:
    result = run("import", "--district", "nowhere", str(var))

    assert result.exit_code == 1
    assert "districts/nowhere.yml" in result.output
    assert "known: grandbend" in result.output


def test_missing_path_is_one_sentence(var: Path) -> None:
    result = run("import", "--district", "grandbend", str(var / "absent.zip"))

    assert result.exit_code == 1
    assert "absent.zip" in result.output
    assert "Traceback" not in result.output


def test_bad_district_option_is_named_with_its_file(var: Path) -> None:
    (var / "districts" / "grandbend.yml").write_text(OPTIONS + "colour: blue\n")

    result = run("migrate")

    assert result.exit_code == 1
    assert "districts/grandbend.yml" in result.output
    assert "colour" in result.output


@pytest.mark.parametrize("content", ["name: [", "just words"])
def test_district_file_that_is_no_list_of_options_is_named(var: Path, content: str) -> None:
    (var / "districts" / "grandbend.yml").write_text(content)

    result = run("migrate")

    assert result.exit_code == 1
    assert "districts/grandbend.yml" in result.output


def test_migrate_says_that_the_database_is_up_to_date(var: Path) -> None:
    result = run("migrate")

    assert (result.exit_code, result.output) == (0, "The database is up to date.\n")


@pytest.mark.parametrize(
    "address",
    [
        "sqlite:////nowhere/at/all/hallpass.db",
        "postgresql://hallpass:CANARY@127.0.0.1:1/hallpass",
        "CANARY no address",
    ],
)
def test_database_that_cannot_be_opened_is_one_sentence(
    var: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("HALLPASS_DATABASE_URL", address)

    result = run("migrate")

    assert result.exit_code == 1
    assert "HALLPASS_DATABASE_URL" in result.output
    assert "CANARY" not in result.output


def test_file_that_is_no_database_is_one_sentence(
    var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "letter.db").write_text("Dear parents, " * 100)
    monkeypatch.setenv("HALLPASS_DATABASE_URL", f"sqlite:///{tmp_path / 'letter.db'}")

    result = run("migrate")

    assert result.exit_code == 1
    assert "cannot be opened" in result.output


def test_unlocking_needs_a_district_when_there_are_several(var: Path) -> None:
    (var / "districts" / "other.yml").write_text(OPTIONS)

    result = run("staff", "unlock", "mlopez", "--reason", "called us")

    assert result.exit_code == 1
    assert "--district: grandbend, other" in result.output


def test_unlocking_a_name_that_nobody_tried_says_to_check_it(var: Path) -> None:
    result = run("staff", "unlock", "mlopez", "--reason", "called us", "--district", "grandbend")

    assert result.exit_code == 1
    assert "check its spelling" in result.output


def test_unlocking_a_name_that_was_not_locked_says_so(var: Path) -> None:
    with opened_portal(read_settings(os.environ)) as portal:
        sign_in(portal, district="grandbend")

    result = run("staff", "unlock", "mlopez", "--reason", "called us", "--district", "grandbend")

    assert result.exit_code == 0
    assert "mlopez was not locked in grandbend" in result.output


def test_unlocking_without_a_reason_is_refused(var: Path) -> None:
    result = run("staff", "unlock", "mlopez", "--reason", "  ")

    assert result.exit_code == 1
    assert "Nothing was unlocked" in result.output


def test_conversation_files_of_the_product_are_sound() -> None:
    result = run("check")

    assert result.exit_code == 0, result.output


def test_taken_port_is_one_sentence(var: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        result = run("serve", "--port", str(port))

    assert result.exit_code == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in result.output
    assert "--port" in result.output


def test_demo_never_listens_beyond_this_machine(var: Path) -> None:
    result = run("serve", "--demo", "--host", "0.0.0.0")  # noqa: S104  (that it is refused is the point)

    assert result.exit_code == 1
    assert "never listens beyond this machine" in result.output


def test_several_workers_on_the_embedded_database_are_refused(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HALLPASS_DATABASE_URL")

    result = run("serve", "--workers", "2")

    assert result.exit_code == 1
    assert "leave --workers out, or set HALLPASS_DATABASE_URL" in result.output


@pytest.mark.parametrize(
    ("cores", "typed", "is_pinned"),
    [
        (2, ["--workers", "2"], True),
        (2, ["--workers", "4"], True),
        (2, ["--workers", "3"], False),
        (8, ["--workers", "4"], False),
        (8, ["--workers", "4", "--pinned"], True),
        (2, ["--workers", "2", "--not-pinned"], False),
    ],
)
def test_workers_stay_on_their_cores_where_all_cores_have_as_many(
    var: Path, monkeypatch: pytest.MonkeyPatch, cores: int, typed: list[str], *, is_pinned: bool
) -> None:
    orders: list[Order] = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    monkeypatch.setattr("bot.commands.serve_with_workers", lambda _, order: orders.append(order))

    run("serve", "--port", str(free_port()), *typed)

    assert [order.pinned for order in orders] == [is_pinned]


def test_pinning_is_refused_where_the_system_lets_nobody_choose(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)

    result = run("serve", "--pinned")

    assert result.exit_code == 1
    assert "leave --pinned out" in result.output


def test_fresh_without_the_demo_is_refused(var: Path) -> None:
    result = run("serve", "--fresh")

    assert result.exit_code == 1
    assert "needs --demo" in result.output


def test_fresh_never_deletes_a_database_that_was_named(var: Path) -> None:
    result = run("serve", "--demo", "--fresh", "--port", str(free_port()))

    assert result.exit_code == 1
    assert "HALLPASS_DATABASE_URL" in result.output


def test_state_folder_that_cannot_be_made_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLPASS_VAR", "/dev/null/var")

    result = run("migrate")

    assert result.exit_code == 1
    assert "HALLPASS_VAR" in result.output


def test_missing_package_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import thatpackage\n")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}

    ended = subprocess.run(
        [sys.executable, "-m", "bot", "check"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr == (
        "The Python package thatpackage is missing: delete the folder .venv and start ./run again, "
        "which installs every package.\n"
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path, subprocess.Popen[str]]]:
    """Serve the demo as ./run does."""
    folder = tmp_path_factory.mktemp("served")
    lend(folder)
    port = free_port()
    command = [sys.executable, "-m", "bot", "serve", "--demo", "--port", str(port)]
    environment = {**os.environ, "HALLPASS_VAR": str(folder)}
    environment.pop("HALLPASS_DATABASE_URL", None)
    with (
        (folder / "output").open("w") as output,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, text=True
        ) as process,
    ):
        try:
            wait_until_ready(port, process)
            yield port, folder, process
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) in {0, -signal.SIGTERM}
        finally:
            # Else a failure above would wait for ever for a server that nobody ends.
            process.kill()


def wait_until_ready(port: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=PATIENCE):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError


def post(port: int, path: str, body: object, key: str = "demo") -> list[dict[str, object]]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        replies: list[dict[str, object]] = json.load(answer)
    return replies


def test_served_demo_prints_how_to_sign_in_and_answers_a_grade(
    served: tuple[int, Path, subprocess.Popen[str]],
) -> None:
    port, folder, _ = served
    sheet = json.loads((folder / "demo.json").read_text())
    parent = next(p for p in sheet["parents"] if p["situation"] == "ok" and len(p["children"]) == 1)
    place = {"metadata": {"district": parent["district"]}}

    post(port, "/webhooks/rest/webhook", {"sender": "a", "message": "grades please", **place})
    asked = post(port, "/webhooks/rest/webhook", {"sender": "a", "message": parent["username"]})
    url = next(reply["custom"]["secret"]["url"] for reply in asked if "custom" in reply)  # type: ignore[index]
    told = post(port, url, {"values": {"password": parent["password"]}})

    given = parent["children"][0]["name"].split()[0]
    assert parent["username"] in (folder / "output").read_text()
    assert any(given in str(reply.get("text")) for reply in told)


def test_locked_demo_parent_is_unlocked_from_the_command_line(
    served: tuple[int, Path, subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, folder, _ = served
    sheet = json.loads((folder / "demo.json").read_text())
    parent = next(p for p in sheet["parents"] if p["situation"] == "locked")
    monkeypatch.setenv("HALLPASS_VAR", str(folder))
    monkeypatch.delenv("HALLPASS_DATABASE_URL", raising=False)

    result = run(
        "staff", "unlock", parent["username"], "--reason", "called", "--district", parent["district"]
    )
    place = {"metadata": {"district": parent["district"]}}
    post(port, "/webhooks/rest/webhook", {"sender": "b", "message": "sign in", **place})
    asked = post(port, "/webhooks/rest/webhook", {"sender": "b", "message": parent["username"]})
    url = next(reply["custom"]["secret"]["url"] for reply in asked if "custom" in reply)  # type: ignore[index]
    told = post(port, url, {"values": {"password": parent["password"]}})

    assert f"{parent['username']} may sign in again" in result.output
    assert "Welcome" in str(told)


@pytest.mark.case("G1")
def test_running_server_writes_no_password_and_no_ticket(
    served: tuple[int, Path, subprocess.Popen[str]],
) -> None:
    port, folder, _ = served
    canary = "CANARY-7d0c4f0e-password"
    post(port, "/webhooks/rest/webhook", {"sender": "c", "message": "sign in"})
    asked = post(port, "/webhooks/rest/webhook", {"sender": "c", "message": "nobody.here"})
    url = next(reply["custom"]["secret"]["url"] for reply in asked if "custom" in reply)  # type: ignore[index]

    post(port, url, {"values": {"password": canary}})

    database = create_engine(f"sqlite:///{folder / 'hallpass.db'}")
    with database.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    database.dispose()
    for path in (path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert canary.encode() not in content, path
        assert url.split("/")[-1].encode() not in content, path


def test_served_demo_shows_the_mail_that_another_process_wrote(
    served: tuple[int, Path, subprocess.Popen[str]],
) -> None:
    port, folder, _ = served
    sheet = json.loads((folder / "demo.json").read_text())
    parent = next(p for p in sheet["parents"] if p["situation"] == "ok" and p["email"])
    asker = Asker(parent["district"], "elsewhere", "console", "a test", "1")
    with opened_portal(read_settings({"HALLPASS_VAR": str(folder)})) as portal, portal.begin() as tx:
        asked = tx.recovery.ask_password(RecoverPassword(asker, parent["username"], parent["email"]))

    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/outbox", headers={"Accept": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        mails = json.load(answer)

    assert asked == MailAsked()
    assert f"http://127.0.0.1:{port}/outbox" in (folder / "output").read_text()
    assert mails[0]["to"] == parent["email"]
    assert mails[0]["link"].startswith(
        f"http://127.0.0.1:{port}/{parent['district']}/public/recover-password#"
    )
