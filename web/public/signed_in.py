"""Stand before every page that only a signed-in parent sees."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from starlette.exceptions import HTTPException
from starlette.responses import Response

from portal.accounts.outcomes import LiveSession, Scope
from portal.core.outcomes import Reason, Refused
from portal.transaction import Transaction
from web.public.desk import PAGE, STUDENT, Desk, chosen, desk_of
from web.public.forms import Form
from web.public.page import PublicPage
from web.public.sheets import moment
from web.public.visits import Visit
from web.words import Words


@dataclass(frozen=True, slots=True)
class Header:
    """Show whose session it is, when the last one began, and after how many minutes it ends.

    There is no `desk` while the parent's own new password comes first: nothing else opens then.
    """

    name: str
    last_sign_in: str | None
    idle_minutes: int
    desk: Desk | None


def header_of(visit: Visit, live: LiveSession, words: Words, page: str) -> Header:
    """Return the head of a page of whoever is signed in."""
    last, district = live.previous_sign_in, visit.district
    at = None if last is None else moment(last, district, words.language)
    desk = desk_of(visit, words, page) if live.scope is Scope.FULL else None
    return Header(live.display_name, at, district.options.session_idle_minutes, desk)


def meet(tx: Transaction, visit: Visit) -> None:
    """Find out whose children the tabs of a page show."""
    found = tx.records.students(visit.conversation)
    visit.children = () if isinstance(found, Refused) else found.children


class SignedInPage(PublicPage):
    """Answer for an address that only a signed-in parent sees.

    Looking at such a page is activity: it restarts the idle clock and becomes the place to go back to.
    """

    scopes: ClassVar[frozenset[Scope]] = frozenset({Scope.FULL})
    # What of the address is a selection that the parent comes back to (R70).
    keeps: ClassVar[Sequence[str]] = (STUDENT,)

    @abstractmethod
    async def show_to(self, visit: Visit, live: LiveSession) -> Response:
        """Answer a GET of whoever is signed in."""

    async def submit_from(self, visit: Visit, live: LiveSession, form: Form) -> Response:
        """Answer a form of whoever is signed in."""
        raise HTTPException(405, detail="wrong_method")

    def place(self, visit: Visit) -> Mapping[str, Any]:
        """Return where the parent is, to be offered should their time run out."""
        return {PAGE: self.name, **chosen(visit, *self.keeps)}

    async def show(self, visit: Visit) -> Response:
        """Show the page, or send whoever is not signed in to where they can."""
        live = await self.gateway.within(lambda tx: self._enter(tx, visit))
        if isinstance(live, Refused):
            return self._turned_away(visit, live)
        return await self.show_to(visit, live)

    async def submit(self, visit: Visit, form: Form) -> Response:
        """Take the form, or send whoever is not signed in to where they can."""
        live = await self.gateway.within(lambda tx: self._enter(tx, visit))
        if isinstance(live, LiveSession):
            return await self.submit_from(visit, live, form)
        if live.reason is Reason.MUST_CHANGE_PASSWORD:
            raise HTTPException(403, detail="must_change_password")
        return self._turned_away(visit, live)

    async def outdated(self, visit: Visit) -> Response:
        """Show the page anew, refused: its form was shown to another session, and nothing was done."""
        response = await self.show(visit)
        # Whoever is not signed in is sent to where they can; all others see that it was not taken.
        if response.status_code == HTTPStatus.OK:
            response.status_code = HTTPStatus.FORBIDDEN
        return response

    def header(self, visit: Visit, live: LiveSession) -> Header:
        """Return what the head of the page shows; pass it to `render` as `live`."""
        return header_of(visit, live, self.words(visit), self.name)

    def _enter(self, tx: Transaction, visit: Visit) -> LiveSession | Refused:
        live = tx.sessions.any_scope(visit.conversation)
        if isinstance(live, Refused):
            return live
        # One browser, two portals: a session of the one opens nothing on the other.
        if live.district != visit.district.slug:
            return Refused(Reason.NOT_SIGNED_IN)
        if live.scope not in self.scopes:
            return Refused(Reason.MUST_CHANGE_PASSWORD)
        if visit.request.method == "GET" and (place := self.place(visit)):
            tx.sessions.remember(visit.conversation, place)
        meet(tx, visit)
        return live

    def _turned_away(self, visit: Visit, refused: Refused) -> Response:
        match refused.reason:
            case Reason.SESSION_ENDED:
                return self.go(visit, "signed-out")
            case Reason.MUST_CHANGE_PASSWORD:
                return self.go(visit, "change-password")
            case _:
                return self.go(visit, "sign-in")
