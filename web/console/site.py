"""Put the console together: its addresses, and what is checked before each of them."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from web.console.announcements import AnnouncementPage, AnnouncementsPage
from web.console.audit import AuditPage
from web.console.case import CasePage
from web.console.cases import CasesPage, OpenCasePage
from web.console.desk.pages import DESK_PAGES
from web.console.embed import EmbedPage
from web.console.figures import FiguresPage
from web.console.forgetting import ForgetPage
from web.console.home import HomePage
from web.console.joining import JoinPage
from web.console.letters import LetterRunPage, LettersPage
from web.console.me import MePage, OwnCodesPage, OwnPasswordPage
from web.console.merging import MergePage
from web.console.onboarding import OnboardingCountsPage, OnboardingPage, OnboardingWithoutPage
from web.console.options import OptionsHelpPage, OptionsPage, OptionsSectionPage
from web.console.page import ConsolePage, ConsoleSite
from web.console.passkeys import (
    PasskeyOptionsPage,
    PasskeysPage,
    RemovePasskeyPage,
    SignInWithPasskeyPage,
)
from web.console.requests import RequestPage, RequestsPage
from web.console.saved_replies import SavedRepliesPage, SavedReplyPage
from web.console.sign_in import CodePage, SignInPage, SignOutPage
from web.console.staff import InvitePage, LetBackPage, LetGoPage, ResetPage, StaffMemberPage, StaffPage
from web.console.visits import ROOT, ConsoleVisit, ConsoleVisits
from web.public.forms import CSRF, read_form

# Every page of the console, in the order of its menu; a page that is not named here has no address.
PAGES: Sequence[type[ConsolePage]] = (
    HomePage,
    # What families wait for.
    *DESK_PAGES,
    RequestsPage,
    RequestPage,
    MergePage,
    ForgetPage,
    CasesPage,
    OpenCasePage,
    CasePage,
    SavedRepliesPage,
    SavedReplyPage,
    FiguresPage,
    # What schools hand out and set up.
    LettersPage,
    LetterRunPage,
    OnboardingPage,
    OnboardingCountsPage,
    OnboardingWithoutPage,
    AnnouncementsPage,
    AnnouncementPage,
    EmbedPage,
    OptionsPage,
    OptionsHelpPage,
    OptionsSectionPage,
    # Who works here.
    StaffPage,
    InvitePage,
    StaffMemberPage,
    LetGoPage,
    LetBackPage,
    ResetPage,
    AuditPage,
    # Oneself, and the way in and out.
    MePage,
    OwnPasswordPage,
    OwnCodesPage,
    PasskeysPage,
    RemovePasskeyPage,
    PasskeyOptionsPage,
    SignInPage,
    CodePage,
    SignInWithPasskeyPage,
    JoinPage,
    SignOutPage,
)


def console_routes(site: ConsoleSite, pages: Sequence[type[ConsolePage]] = PAGES) -> list[BaseRoute]:
    """Return the routes of all pages of the console."""
    visits = ConsoleVisits(site.gateway, secure=site.secure)
    with_menu = replace(site, menu=pages)
    made = [_route(page(with_menu), visits) for page in pages]
    return [Route(ROOT, _to_home), *made]


def _route(page: ConsolePage, visits: ConsoleVisits) -> Route:
    async def serve(request: Request) -> Response:
        visit = await visits.open(request)
        try:
            response = await _answer(page, visit)
        except HTTPException as refusal:
            response = page.turn_away(visit, refusal)
        return visits.close(visit, response)

    return Route(f"{ROOT}/{page.name}", serve, methods=page.methods)


async def _answer(page: ConsolePage, visit: ConsoleVisit) -> Response:
    request = visit.request
    if not page.is_open:
        if visit.member is None:
            return _to_sign_in(visit)
        if not visit.member.may(page.deed):
            raise HTTPException(403, detail="forbidden")
    if request.method != "POST":
        return await page.show(visit)
    form = await read_form(request, page.most_bytes)
    # A form of another session changes nothing: it may have been planted, or be very old.
    if not visit.owns(form.text(CSRF)):
        raise HTTPException(403, detail="outdated")
    return await page.submit(visit, form)


def _to_sign_in(visit: ConsoleVisit) -> Response:
    request = visit.request
    # Back to where they were: only ever a path of the console itself, and only one that is got.
    back = request.url.path.removeprefix(f"{ROOT}/") if request.method == "GET" else ""
    asked = f"?{urlencode({'to': back})}" if back else ""
    return RedirectResponse(f"{ROOT}/sign-in{asked}", status_code=303)


async def _to_home(_: Request) -> Response:
    return RedirectResponse(f"{ROOT}/", status_code=307)
