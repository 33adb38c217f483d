"""Put the public pages together: their addresses, and what is checked before each of them."""

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from web.public.change_password import ChangePasswordPage
from web.public.confirm import ConfirmEmailPage, SendConfirmationPage, UndoEmailPage
from web.public.create import CreateAccountPage, CreateParentAccountPage
from web.public.forms import CSRF, read_form
from web.public.getting_help import GetHelpPage
from web.public.leaving import SessionPage, SignedOutPage, SignOutPage
from web.public.linking import LinkStudentsPage
from web.public.page import PublicPage, Site
from web.public.preferences import PreferencesPage
from web.public.records.calendars import MyCalendarsPage
from web.public.records.files import MyDataPage, PrintPage
from web.public.records.grades import (
    AssignmentsPage,
    AttendanceHistoryPage,
    GradesHistoryPage,
    GradesPage,
)
from web.public.records.notifications import EmailNotificationsPage
from web.public.records.registration import ClassRegistrationPage
from web.public.records.school_life import (
    BalancePage,
    SchedulePage,
    SchoolBulletinPage,
    SchoolInformationPage,
    TeacherCommentsPage,
    TestResultsPage,
)
from web.public.records.start import StartPage
from web.public.recover import RecoverPasswordPage
from web.public.request_account import RequestAccountPage
from web.public.restoring import RestorePage
from web.public.school_question import SchoolQuestionPage
from web.public.sign_in import SignInPage
from web.public.telegram import TelegramPage
from web.public.trouble import TroublePage
from web.public.visits import Visits

# Every page of the site; a page that is not named here has no address.
PAGES: Sequence[type[PublicPage]] = (
    SignInPage,
    SignOutPage,
    SignedOutPage,
    SessionPage,
    StartPage,
    GradesPage,
    AssignmentsPage,
    TestResultsPage,
    GradesHistoryPage,
    AttendanceHistoryPage,
    EmailNotificationsPage,
    TeacherCommentsPage,
    SchoolBulletinPage,
    ClassRegistrationPage,
    BalancePage,
    MyCalendarsPage,
    SchedulePage,
    SchoolInformationPage,
    PrintPage,
    MyDataPage,
    RestorePage,
    ChangePasswordPage,
    GetHelpPage,
    TroublePage,
    RecoverPasswordPage,
    CreateAccountPage,
    CreateParentAccountPage,
    RequestAccountPage,
    ConfirmEmailPage,
    SendConfirmationPage,
    UndoEmailPage,
    SchoolQuestionPage,
    LinkStudentsPage,
    PreferencesPage,
    TelegramPage,
)


def public_routes(site: Site, pages: Sequence[type[PublicPage]] = PAGES) -> list[BaseRoute]:
    """Return the routes of all pages; mount them last, for they begin with a district's name."""
    visits = Visits(site.gateway, secure=site.secure)
    made = [_route(page(site), visits) for page in pages]
    first = _to_first(visits)
    return [*made, Route("/{district}/public", first), Route("/{district}/public/", first)]


def _route(page: PublicPage, visits: Visits) -> Route:
    async def serve(request: Request) -> Response:
        visit = await visits.open(request)
        if request.method == "POST":
            form = await read_form(request)
            # A form of another session changes nothing: it may have been planted, or be very old.
            owned = visit.owns(form.text(CSRF))
            response = await (page.submit(visit, form) if owned else page.outdated(visit))
        else:
            response = await page.show(visit)
        return visits.close(visit, response)

    return Route(f"/{{district}}/public/{page.name}", serve, methods=page.methods)


def _to_first(visits: Visits) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        visit = await visits.open(request)
        return RedirectResponse(visit.link("sign-in"), status_code=303)

    return serve
