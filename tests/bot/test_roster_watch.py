"""The roster stays fresh: a set is imported when it changed and rests; a broken one changes nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.roster_watch import Watching, only_one, print_of, watch_set
from portal.core.errors import SettingsError
from portal.core.outbox import MailKind
from portal.helpdesk.outcomes import Case, CaseKind
from portal.sis.models import ImportRow, Student
from portal.transaction import Portal
from tests.flows.school import write_school
from tests.support.families import HELP
from tests.support.portals import make_district


class StoppedError(Exception):
    """End a watch as whoever started it does."""


@pytest.fixture
def folder(portal: Portal, tmp_path: Path) -> Path:
    make_district(portal)
    return write_school(tmp_path / "school")


def watch(portal: Portal, path: Path, *between: Callable[[], object]) -> list[str]:
    """Watch a set; do one thing at each pause, then stop."""
    told: list[str] = []
    steps: Iterator[Callable[[], object]] = iter(between)

    def pause() -> None:
        step = next(steps, None)
        if step is None:
            raise StoppedError
        step()

    with pytest.raises(StoppedError):
        watch_set(portal, Watching("westborough", path, told.append, pause))
    return told


def rest() -> None:
    """Change nothing."""


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def name_of(portal: Portal, number: str = "7001") -> str | None:
    with portal.begin(read_only=True) as tx:
        return tx.session.scalar(select(Student.given_name).where(Student.identifier == number))


def imports(portal: Portal) -> int:
    with portal.begin(read_only=True) as tx:
        return tx.session.scalar(select(func.count()).select_from(ImportRow)) or 0


def test_set_is_imported_once_and_again_when_it_changed(portal: Portal, folder: Path) -> None:
    told = watch(
        portal, folder, rest, rest, lambda: change(folder / "users.csv", "Maya", "Mayara"), rest, rest, rest
    )

    assert (imports(portal), name_of(portal)) == (2, "Mayara")
    assert told[0].startswith("Watching ")
    assert len(told) == 3
    assert "Imported" in told[1]


def test_set_that_is_still_being_copied_is_not_tried(portal: Portal, folder: Path) -> None:
    users = folder / "users.csv"

    def grow() -> None:
        with users.open("a", encoding="utf-8") as written:
            written.write("\n")

    watch(portal, folder, grow, grow, grow)

    assert imports(portal) == 0


def test_broken_set_is_told_once_and_the_last_good_one_stays(portal: Portal, folder: Path) -> None:
    broken = folder / "users.csv"

    told = watch(portal, folder, rest, lambda: change(broken, "Maya", ""), rest, rest, rest, rest)

    refused = [each for each in told if "refused" in each]
    assert len(refused) == 1
    assert "The last good one stays, of 2026-10-15 10:00." in refused[0]
    assert "users.csv" in refused[0]
    assert (imports(portal), name_of(portal)) == (1, "Maya")


def cases(portal: Portal) -> list[Case]:
    with portal.begin() as tx:
        return tx.cases.waiting("westborough")


def test_broken_set_is_a_case_and_a_mail_for_the_help_desk(portal: Portal, folder: Path) -> None:
    make_district(portal, help=HELP)

    told = watch(portal, folder, rest, lambda: change(folder / "users.csv", "Maya", ""), rest, rest)

    [case] = cases(portal)
    with portal.begin() as tx:
        [mail] = [mail for mail in tx.deliveries.latest(5) if mail.kind is MailKind.STAFF_ROSTER]
    assert case.kind is CaseKind.ROSTER_REFUSED
    assert case.details["set"] == "school"
    assert "users.csv" in case.details["problems"]
    assert f"the set was refused (case {case.number})" in told[-1]
    assert mail.address == HELP["default"]["email"]
    assert "users.csv" not in str(mail.details)


def test_another_broken_set_adds_to_the_case_that_is_open(portal: Portal, folder: Path) -> None:
    users = folder / "users.csv"
    change(users, "Maya", "")

    watch(portal, folder, rest, rest, lambda: change(users, "Leo", ""), rest, rest)

    [case] = cases(portal)
    assert case.details["problems"].count("users.csv") >= 2


def test_case_says_where_it_was_cut_and_how_the_whole_report_is_printed(portal: Portal, folder: Path) -> None:
    users = folder / "users.csv"
    change(users, "Maya", "")
    watch(portal, folder, rest, rest)
    [short] = cases(portal)
    for times in (5, 2, 2):
        header, *rows = users.read_text("utf-8").splitlines()
        users.write_text(
            "\n".join([header, *(row.replace("true", "perhaps") for row in rows * times)]), "utf-8"
        )
        watch(portal, folder, rest, rest)

    [case] = cases(portal)

    assert not short.details["problems"].endswith("…")
    assert len(case.details["problems"]) == 4000
    assert case.details["problems"].endswith("…")
    command = f"hallpass import --district westborough {folder} --dry-run"
    assert (short.details["report"], case.details["report"]) == (command, command)


def test_mended_set_is_imported_again(portal: Portal, folder: Path) -> None:
    users = folder / "users.csv"
    good = users.read_text("utf-8")
    change(users, "Maya", "")

    told = watch(portal, folder, rest, rest, lambda: users.write_text(good, "utf-8"), rest, rest)

    assert "Nothing was imported so far." in told[1]
    assert name_of(portal) == "Maya"


def test_set_that_is_gone_is_told_and_changes_nothing(portal: Portal, folder: Path) -> None:
    away = folder.with_name("away")

    told = watch(
        portal, folder, rest, rest, lambda: folder.rename(away), rest, lambda: away.rename(folder), rest
    )

    assert told[2].endswith("is gone; what was imported stays.")
    assert name_of(portal) == "Maya"
    assert imports(portal) == 1


def test_outage_is_told_and_the_same_set_is_tried_again(
    portal: Portal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.roster_watch.import_set", _Failing())

    told = watch(portal, folder, rest, rest, rest)

    assert [each.endswith("It is tried again.") for each in told[1:]] == [True, True, True]


class _Failing:
    def __call__(self, *_: object, **__: object) -> None:
        message = "The disk did not answer."
        raise OSError(message)


def test_only_one_watch_keeps_a_district(tmp_path: Path) -> None:
    with only_one(tmp_path, "westborough"), only_one(tmp_path, "boston"):
        second = only_one(tmp_path, "westborough")
        with pytest.raises(SettingsError, match="Another hallpass import --watch"):
            second.__enter__()
    with only_one(tmp_path, "westborough"):
        left = [each.name for each in tmp_path.iterdir()]

    assert sorted(left) == ["import-boston.lock", "import-westborough.lock"]


def test_empty_folder_and_no_folder_look_like_nothing(tmp_path: Path) -> None:
    assert print_of(tmp_path) is None
    assert print_of(tmp_path / "nothing") is None
