"""Define what every page of the console is: for a role, shown by GET, changed by POST."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from portal.core.outcomes import Reason, Refused
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.transaction import Transaction
from web.console.printing import LetterPrinter
from web.console.visits import ROOT, ConsoleVisit
from web.pages import Pages
from web.public.forms import MOST_BYTES, Form, Problem
from web.public.gateway import Gateway
from web.public.sheets import Notice, moment, sheet_of
from web.words import Words

Answer = TypeVar("Answer")
# Where the console's words are in a language pack, and how their keys begin.
CONSOLE_FILES = "console/*.yml"
CONSOLE_PREFIX = "console_"
NEVER = "-"
# Who lacks the right sees that; what is not theirs to see does not exist for them.
_STATUS = {
    Reason.FORBIDDEN: 403,
    Reason.NOT_FOUND: 404,
    Reason.OUTDATED: 409,
    Reason.ALREADY_DONE: 409,
    Reason.THROTTLED: 429,
    Reason.BUSY: 503,
}


@dataclass(frozen=True, slots=True)
class ConsoleSite:
    """Hold what the console's pages stand on; `menu` are the pages that stand in it, once they are known."""

    pages: Pages
    gateway: Gateway
    secure: bool = False
    public_url: str | None = None
    menu: Sequence[type["ConsolePage"]] = ()
    letters: LetterPrinter | None = None


class ConsolePage(ABC):
    """Answer for one address below `/helpdesk/`.

    `name` is the address, which may hold path parameters (`parents/{account}`), `template` the file under
    `templates/console/`, `deed` what a role must be permitted to open it. A page with `in_menu` stands in
    the menu under the words `menu_<its name>`. Portal calls run through `within` or `self.gateway`.
    """

    name: ClassVar[str]
    template: ClassVar[str]
    deed: ClassVar[Deed] = Deed.ENTER
    in_menu: ClassVar[bool] = False
    methods: ClassVar[Sequence[str]] = ("GET", "POST")
    # Only the pages that lead in are open to those who are not signed in.
    is_open: ClassVar[bool] = False
    most_bytes: ClassVar[int] = MOST_BYTES

    def __init__(self, site: ConsoleSite) -> None:
        """Take what pages stand on."""
        self.site = site
        self.gateway = site.gateway

    @abstractmethod
    async def show(self, visit: ConsoleVisit) -> Response:
        """Answer a GET; it changes nothing but the audit, which notes the look."""

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Answer a form that this session was shown."""
        raise HTTPException(405, detail="wrong_method")

    def words(self, visit: ConsoleVisit) -> Words:
        """Return the console's words."""
        return self.site.pages.words(visit.request.headers.get("accept-language", "").split(",")[0])

    def values(self, visit: ConsoleVisit) -> Mapping[str, Any]:
        """Return what the template shows each time."""
        return {}

    async def within(
        self,
        visit: ConsoleVisit,
        work: Callable[[Transaction, StaffMember], Answer],
    ) -> Answer | Refused:
        """Return what the work returns, done in one transaction by whoever is signed in as they are now.

        A role or a session that was lost since the page was opened is lost here too: FORBIDDEN.
        """

        def done(tx: Transaction) -> Answer | Refused:
            member = tx.staff_sessions.current(visit.sid)
            if isinstance(member, Refused) or not member.may(self.deed):
                return Refused(Reason.FORBIDDEN)
            return work(tx, member)

        return await self.gateway.within(done)

    def go(self, visit: ConsoleVisit, page: str = "", **query: str) -> Response:
        """Send the browser on to another page, which it gets by GET; `note` tells there what was done."""
        return RedirectResponse(visit.link(page, **query), status_code=303)

    def render(
        self,
        visit: ConsoleVisit,
        form: Form | None = None,
        *,
        problems: Iterable[Problem] = (),
        notice: str | None = None,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """Return the page, with what was typed except secrets; `notice` is the key of what went wrong."""
        words = self.words(visit)
        said = None if notice is None else Notice(words(notice))
        sheet = sheet_of(form, words, problems, said)
        if sheet.problems and status == HTTPStatus.OK:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        template = values.pop("template", self.template)
        return self.site.pages.show(
            visit.request,
            f"console/{template}",
            language=words.language,
            status=status,
            **{**self._surroundings(visit, words), "sheet": sheet, **self.values(visit), **values},
        )

    def refuse(
        self, visit: ConsoleVisit, refused: Refused, form: Form | None = None, **values: Any
    ) -> Response:
        """Return what the portal refused: beside the fields it is about, on this page, or as an error."""
        status = _STATUS.get(refused.reason, 422)
        if status in {403, 404}:
            raise HTTPException(status, detail=refused.reason.value)
        fields = [Problem.of(violation) for violation in refused.violations]
        words = self.words(visit)
        key = f"reason_{refused.reason.value}"
        notice = None if fields else (key if words.knows(key) else "reason_invalid_request")
        return self.render(visit, form, problems=fields, notice=notice, status=status, **values)

    def turn_away(self, visit: ConsoleVisit, refusal: HTTPException) -> Response:
        """Return the page that says why this was not served, if the console has words for it."""
        words, key = self.words(visit), f"error_{refusal.detail}"
        if not words.knows(key):
            raise refusal
        return self.render(
            visit,
            template="error.html",
            status=refusal.status_code,
            text=words(key),
            title=words("error_title"),
        )

    def _surroundings(self, visit: ConsoleVisit, words: Words) -> dict[str, Any]:
        return {
            "page": self.name,
            "root": ROOT,
            "link": visit.link,
            "csrf": visit.csrf,
            "member": visit.member,
            "district": visit.district,
            "menu": _menu(visit, self.site.menu),
            "note": _note(visit, words),
            "when": partial(_when, visit, words),
        }


def _menu(visit: ConsoleVisit, pages: Sequence[type[ConsolePage]]) -> list[str]:
    member = visit.member
    if member is None:
        return []
    return [page.name for page in pages if page.in_menu and member.may(page.deed)]


def _note(visit: ConsoleVisit, words: Words) -> str | None:
    # What was just done is told once, by the words `note_<it>`; nothing else of the address is repeated.
    asked = visit.request.query_params.get("note", "")
    is_told = visit.request.method == "GET" and words.knows(f"note_{asked}")
    return words(f"note_{asked}") if is_told else None


def _when(visit: ConsoleVisit, words: Words, at: datetime | None) -> str:
    if at is None or visit.district is None:
        return NEVER
    return moment(at, visit.district, words.language)
