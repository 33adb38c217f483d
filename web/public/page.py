"""Define what every public page is: shown by GET, changed by POST, worded from the language packs."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from portal.core.options import AccountOpening
from portal.core.outcomes import Reason, Refused
from web.begin import TelegramLink, no_bot
from web.pages import Pages
from web.public.forms import Form, Problem
from web.public.gateway import Gateway
from web.public.sheets import Notice, notice_of, requirements, sheet_of
from web.public.visits import LANGUAGE, Visit
from web.words import Words

RETRY_SECONDS = "5"
# What an address asks for stays when the language is changed; nobody asks for more than this.
MOST_KEPT = 5
_STATUS = {Reason.THROTTLED: 429, Reason.BUSY: 503}


@dataclass(frozen=True, slots=True)
class Site:
    """Hold what pages stand on.

    `public_url` is where people come to, as far as it was set up; `telegram` links to the bot, if any.
    """

    pages: Pages
    gateway: Gateway
    secure: bool = False
    public_url: str | None = None
    telegram: TelegramLink = no_bot


class PublicPage(ABC):
    """Answer for one address below `/<district>/public/`.

    `name` is the address, `template` the file under `templates/public/`. Portal calls go through
    `self.gateway`, which keeps them off the event loop.
    """

    name: ClassVar[str]
    template: ClassVar[str]
    methods: ClassVar[Sequence[str]] = ("GET", "POST")

    def __init__(self, site: Site) -> None:
        """Take what pages stand on."""
        self.pages = site.pages
        self.gateway = site.gateway
        self.public_url = site.public_url
        self.telegram = site.telegram

    @abstractmethod
    async def show(self, visit: Visit) -> Response:
        """Answer a GET; it never changes or spends anything."""

    async def submit(self, visit: Visit, form: Form) -> Response:
        """Answer a form that this session was shown."""
        raise HTTPException(405, detail="wrong_method")

    async def outdated(self, visit: Visit) -> Response:
        """Show the page anew to whoever sends a form of another session; nothing was done."""
        return self.render(visit, notice=Notice(self.words(visit)("reason_outdated")), status=403)

    def values(self, visit: Visit) -> dict[str, Any]:
        """Return what the template shows each time, also when an outdated form brings the page anew."""
        return {}

    def words(self, visit: Visit) -> Words:
        """Return the words of the visit's language."""
        return self.pages.words(visit.language)

    def go(self, visit: Visit, page: str, **query: str) -> Response:
        """Send the browser on to another page, which it gets by GET."""
        return RedirectResponse(visit.link(page, **query), status_code=303)

    def render(  # noqa: PLR0913  (each is a thing that a page may show)
        self,
        visit: Visit,
        form: Form | None = None,
        *,
        problems: Iterable[Problem] = (),
        notice: Notice | None = None,
        template: str | None = None,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """Return the page, with what was typed except secrets and with what is wrong beside the fields."""
        words = self.words(visit)
        sheet = sheet_of(form, words, problems, notice)
        if sheet.problems and status == HTTPStatus.OK:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        return self.pages.show(
            visit.request,
            f"public/{template or self.template}",
            language=words.language,
            status=status,
            has_telegram=self.telegram("") is not None,
            **{**_surroundings(visit, words, self.name), "sheet": sheet, **self.values(visit), **values},
        )

    def refuse(self, visit: Visit, form: Form, refused: Refused, **values: Any) -> Response:
        """Return the page with what the portal refused, beside the fields that it is about."""
        fields = [Problem.of(violation) for violation in refused.violations]
        notice = None if fields else notice_of(refused, self.words(visit), visit.district)
        status = _STATUS.get(refused.reason, 422)
        response = self.render(visit, form, problems=fields, notice=notice, status=status, **values)
        if refused.reason is Reason.BUSY:
            response.headers["Retry-After"] = RETRY_SECONDS
        return response


def _surroundings(visit: Visit, words: Words, page: str) -> dict[str, Any]:
    options = visit.district.options
    return {
        "page": page,
        "district": visit.district,
        "link": visit.link,
        "csrf": visit.csrf,
        "chosen": visit.language,
        "languages": _languages(visit, words),
        "asked": [each for each in visit.request.query_params.items() if each[0] != LANGUAGE][:MOST_KEPT],
        "entry_tabs": _entry_tabs(visit, words),
        "password_rules": requirements(options.password, words),
        "contact": options.help_at(),
        "live": None,
        "note": _note(visit, words),
    }


def _note(visit: Visit, words: Words) -> str | None:
    # What was just done elsewhere is told once, by the words `page_note_<it>`; nothing else is repeated.
    asked = visit.request.query_params.get("note", "")
    is_told = visit.request.method == "GET" and words.knows(f"note_{asked}")
    return words(f"note_{asked}") if is_told else None


def _languages(visit: Visit, words: Words) -> list[tuple[str, str]]:
    # With one language there is no menu (R8).
    codes = visit.district.options.locales
    return [(code, words.called(code)) for code in codes] if len(codes) > 1 else []


def _entry_tabs(visit: Visit, words: Words) -> list[tuple[str, str]]:
    options = visit.district.options
    tabs = [("sign-in", words("tab_sign_in"))]
    if not options.parent_single_sign_on:
        # Without one sign-in for several children parents open no accounts of their own (R52).
        return tabs
    if options.account_opening is AccountOpening.REQUEST:
        return [*tabs, ("request-account", words("tab_request_account"))]
    return [*tabs, ("create-account", words("tab_create_account"))]
