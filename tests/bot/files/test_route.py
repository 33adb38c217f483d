"""A private file is handed out to whoever holds its address, and only while the session lives."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from portal.core.outcomes import Refused
from portal.records.files import FileKind
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.closing import close_record
from tests.flows.school_work import write_school_with_work
from tests.support.clock import FakeClock
from tests.support.doors import client_of
from tests.support.files import files_site
from tests.support.portals import make_district, make_parent, sign_in

HTML = {"Accept": "text/html"}
# What may be turned off and made as a file.
ON = {"my_data": True, "school_bulletin": True, "lunch_balance": True}
SAME = {"password": {"min_length": 10}}


@pytest.fixture
def families(portal: Portal, tmp_path: Path) -> None:
    district = make_district(portal, **SAME, **ON)
    with portal.begin() as tx:
        tx.imports.run(district.slug, OneRosterFolderOrZip(write_school_with_work(tmp_path / "school")))
        found = [tx.imports.find_student(district.slug, number) for number in ("7001", "7002")]
    make_parent(portal, district, children=[child.id for child in found if child is not None])
    sign_in(portal)


@pytest.fixture
async def client(portal: Portal, families: None) -> AsyncIterator[httpx.AsyncClient]:
    with files_site(portal) as app:
        async with client_of(app) as opened:
            yield opened


def offer(portal: Portal, kind: FileKind = FileKind.MY_DATA, **details: str) -> str:
    with portal.begin() as tx:
        path = tx.files.offer("conversation", kind, language="en", **details)
    assert isinstance(path, str)
    return path


@pytest.mark.requirement("R87")
async def test_a_file_is_handed_out_without_anything_keeping_it(
    portal: Portal, client: httpx.AsyncClient
) -> None:
    answer = await client.get(offer(portal))

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/xml")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''MyData%202026-10-15.xml"
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_a_program_that_only_looks_gets_no_content(portal: Portal, client: httpx.AsyncClient) -> None:
    answer = await client.head(offer(portal))

    assert answer.status_code == 200
    assert answer.content == b""


async def test_a_file_may_be_opened_again(portal: Portal, client: httpx.AsyncClient) -> None:
    path = offer(portal, FileKind.PAGE, page="grades", student="Maya")

    first, second = await asyncio.gather(client.get(path), client.get(path))

    assert first.content.startswith(b"%PDF-")
    assert second.status_code == 200


async def test_after_signing_out_the_file_is_gone(portal: Portal, client: httpx.AsyncClient) -> None:
    path = offer(portal)
    with portal.begin() as tx:
        tx.sessions.end("conversation")

    answer = await client.get(path, headers=HTML)

    assert answer.status_code == 404
    assert "Please sign in and ask for it again" in answer.text


async def test_when_time_has_run_out_the_file_is_gone(
    portal: Portal, clock: FakeClock, client: httpx.AsyncClient
) -> None:
    path = offer(portal)
    clock.advance(minutes=60)

    assert (await client.get(path)).status_code == 404


async def test_opening_a_file_does_not_keep_a_session_alive(
    portal: Portal, clock: FakeClock, client: httpx.AsyncClient
) -> None:
    path = offer(portal)
    answers = []
    for _ in range(6):
        clock.advance(minutes=10)
        answers.append((await client.get(path)).status_code)

    assert (answers[0], answers[-1]) == (200, 404)


@pytest.mark.parametrize("path", ["/files/unknown", f"/files/{'x' * 5000}", "/files/%00", "/files/..%2f"])
async def test_an_address_that_never_was_looks_like_one_that_is_over(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)

    assert answer.status_code == 404
    assert answer.json()["error"] in {"no_such_file", "not_found"}


async def test_a_record_that_was_closed_meanwhile_is_not_handed_out(
    portal: Portal, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    path = offer(portal, FileKind.PAGE, page="grades", student="Maya")
    close_record(portal, tmp_path / "closed", "S1")

    answer = await client.get(path)

    assert (answer.status_code, answer.json()["error"]) == (404, "no_such_file")


@pytest.mark.requirement("R87", "R89", "R91", "R98", "R100")
@pytest.mark.parametrize(
    ("off", "kind", "details"),
    [
        ("my_data", FileKind.MY_DATA, {}),
        ("school_bulletin", FileKind.PAGE, {"page": "school-bulletin", "student": "Maya"}),
        ("lunch_balance", FileKind.PAGE, {"page": "balance", "student": "Maya"}),
    ],
)
async def test_a_page_that_is_turned_off_shuts_its_files_at_once_and_says_what_to_do(
    portal: Portal, client: httpx.AsyncClient, off: str, kind: FileKind, details: dict[str, str]
) -> None:
    path, other = offer(portal, kind, **details), offer(portal, FileKind.PAGE, page="grades", student="Maya")
    before = await client.get(path)
    make_district(portal, **SAME, **{**ON, off: False})

    answer, program = await client.get(path, headers=HTML), await client.get(path)

    assert before.status_code == 200
    assert answer.status_code == 404
    assert "has since turned this page off" in answer.text
    assert "contact your school" in answer.text
    assert program.json()["error"] == "file_turned_off"
    assert (await client.get(other)).status_code == 200


async def test_a_page_that_is_turned_on_again_opens_its_files_again(
    portal: Portal, client: httpx.AsyncClient
) -> None:
    path = offer(portal)
    make_district(portal, **SAME, **{**ON, "my_data": False})
    shut = await client.get(path)
    make_district(portal, **SAME, **ON)

    answer = await client.get(path)

    assert (shut.status_code, answer.status_code) == (404, 200)


async def test_after_signing_out_a_page_that_is_turned_off_says_only_that_the_file_is_over(
    portal: Portal, client: httpx.AsyncClient
) -> None:
    path = offer(portal)
    make_district(portal, **SAME, **{**ON, "my_data": False})
    with portal.begin() as tx:
        tx.sessions.end("conversation")

    answer = await client.get(path)

    assert answer.json()["error"] == "no_such_file"


async def test_a_page_of_another_version_is_gone(portal: Portal, client: httpx.AsyncClient) -> None:
    answer = await client.get(offer(portal, FileKind.PAGE, page="horoscope"))

    assert answer.status_code == 404


async def test_no_log_names_the_key(portal: Portal, client: httpx.AsyncClient) -> None:
    path = offer(portal)

    with capture_logs() as logs:
        await client.get(path)
        await client.get(f"{path}x")

    assert {entry["route"] for entry in logs if "route" in entry} == {"/files/{key}"}
    assert path.removeprefix("/files/") not in str(logs)


async def test_nobody_signed_in_is_offered_a_file(portal: Portal) -> None:
    with portal.begin() as tx:
        assert isinstance(tx.files.offer("nobody", FileKind.MY_DATA), Refused)
