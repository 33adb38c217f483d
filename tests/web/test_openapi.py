"""The description of the HTTP surface is true: it names every route, and a real server keeps to it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
import yaml
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.bootstrap import Application
from bot.conversation.pack_files import PackFiles
from bot.conversation.turn import Assistant
from bot.conversation.wording import Wording
from bot.mail.office import open_mail
from bot.settings import read_settings
from bot.watching.figures import Figures
from bot.watching.watch import Watching
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.console import DESK, make_staff
from tests.support.conversation import hallpass_project
from tests.support.doors import served
from tests.support.portals import PASSWORD
from tests.support.public_site import HTML, SIGN_IN, START, hidden
from tests.support.surface import DESCRIPTION, Caller, Open, ask_all
from tests.support.voices import voicing_of
from web.public.cookies import new_token

PAGES, CONSOLE, DOORS = (frozenset({tag}) for tag in ("pages", "console", "rest"))
EVERY = frozenset({"pages", "console", "rest", "chat"})
LONG = 60
PATH = {"district": "westborough"}


@pytest.fixture
def application(portal: Portal, real_assistant: Assistant, tmp_path: Path) -> Application:
    given = {
        "HALLPASS_VAR": str(tmp_path),
        "TELEGRAM_TOKEN": f"123456:{'A' * 35}",
        # Where nobody listens: what the bot would say stays here.
        "HALLPASS_TELEGRAM_API": "http://127.0.0.1:9",
    }
    settings = read_settings(given, demo=True)
    mail = open_mail(settings, portal, Wording(hallpass_project()))
    packs = PackFiles(settings.var)
    watching = Watching(Figures(CollectorRegistry()), portal)
    return Application(settings, portal, real_assistant, None, mail, packs, voicing_of(), watching)


@pytest.fixture
def address(application: Application) -> Iterator[str]:
    # The bot fetches its updates by itself where nobody can bring them, which is no part of the surface.
    with served(
        replace(application, settings=replace(application.settings, telegram_token=None)).web()
    ) as url:
        yield url


def test_description_names_every_route_and_no_other(application: Application) -> None:
    described = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))["paths"]

    found = {way for route in _routes(application.web()) for way in _ways(route)}

    assert found == {
        (path, method) for path, ways in described.items() for method in ways if method != "parameters"
    }


def test_strangers_are_answered_or_refused_as_described(address: str) -> None:
    asked = ask_all(address, lambda: Caller(requests.Session(), PATH), EVERY, 1, seeded=True)

    assert not asked.faults, "\n".join(asked.faults)
    assert asked.requests > 100


def test_programs_with_the_key_are_answered_as_described(address: str) -> None:
    asked = ask_all(address, _with_key, DOORS, 8, seeded=True)

    assert not asked.faults, "\n".join(asked.faults)
    assert asked.statuses[200] > 4


def test_parents_are_answered_as_described(address: str) -> None:
    asked = ask_all(address, lambda: _signed_in(address), PAGES, 1, seeded=True)

    assert not asked.faults, "\n".join(asked.faults)
    assert asked.statuses[200] > 20


def test_staff_are_answered_as_described(address: str, portal: Portal) -> None:
    member = make_staff(portal, Role.DISTRICT_ADMINISTRATOR)

    asked = ask_all(address, lambda: _at_work(address, portal, member), CONSOLE, 1, seeded=True)

    assert not asked.faults, "\n".join(asked.faults)
    assert asked.statuses[200] > 20


@pytest.mark.nightly
def test_everybody_is_answered_as_described_for_long(
    address: str, portal: Portal, record_property: Callable[[str, object], None]
) -> None:
    member = make_staff(portal, Role.DISTRICT_ADMINISTRATOR)
    rounds: list[tuple[Open, frozenset[str]]] = [
        (lambda: Caller(requests.Session(), PATH), EVERY),
        (_with_key, DOORS),
        (lambda: _signed_in(address), PAGES),
        (lambda: _at_work(address, portal, member), CONSOLE),
    ]

    asked = [ask_all(address, opened, tags, LONG, seeded=False) for opened, tags in rounds]

    record_property("requests", sum(each.requests for each in asked))
    faults = [fault for each in asked for fault in each.faults]
    assert not faults, "\n".join(faults)


def _routes(app: ASGIApp) -> list[Route]:
    while not isinstance(app, Starlette):
        app = app._app  # type: ignore[attr-defined]
    return [route for route in app.routes if isinstance(route, Route)]


def _ways(route: Route) -> Iterator[tuple[str, str]]:
    path = re.sub(r":\w+}", "}", route.path)
    yield from ((path, method.lower()) for method in (route.methods or {"GET"}) - {"HEAD"})


def _with_key() -> Caller:
    session = requests.Session()
    session.headers["Authorization"] = "Bearer demo"
    return Caller(session, PATH)


def _signed_in(address: str) -> Caller:
    session = requests.Session()
    form = hidden(session.get(address + SIGN_IN, headers=HTML))
    typed = {"username": "mlopez", "password": PASSWORD}
    session.post(address + SIGN_IN, data={**form, **typed}, headers=HTML)
    page = session.get(address + START, headers=HTML)
    assert page.status_code == requests.codes.ok, "the parent is not signed in"
    return Caller(session, PATH, hidden(page))


def _at_work(address: str, portal: Portal, member: str) -> Caller:
    session, token = requests.Session(), new_token()
    with portal.begin() as tx:
        tx.staff_sessions.begin(member, token, proven=True)
    session.cookies.set("staff", token)
    page = session.get(f"{address}{DESK}me", headers=HTML)
    return Caller(session, PATH, hidden(page))
