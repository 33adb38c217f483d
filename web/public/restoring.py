"""Offer to go back to where the parent was when their time ran out."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from portal.accounts.outcomes import LiveSession
from web.public.desk import LONGEST, PAGE
from web.public.forms import Form
from web.public.records.start import StartPage
from web.public.signed_in import SignedInPage
from web.public.visits import Visit


class RestorePage(SignedInPage):
    """Ask once whether to restore the session before (R69-R71)."""

    name = "restore"
    template = "restore.html"

    async def show_to(self, visit: Visit, live: LiveSession) -> Response:
        """Ask, if there is anything to go back to."""
        place = await self.gateway.within(lambda tx: tx.sessions.offered(visit.conversation))
        if place is None:
            return self.go(visit, StartPage.name)
        return self.render(visit, live=self.header(visit, live), has_selection=bool(_selection(place)))

    async def submit_from(self, visit: Visit, live: LiveSession, form: Form) -> Response:
        """Go back or go to the start page; the offer is used up either way."""
        accept = form.text("answer") == "yes"
        taken = await self.gateway.within(
            lambda tx: tx.sessions.take_offer(visit.conversation, accept=accept)
        )
        return self.go(visit, StartPage.name) if taken is None else self._back(visit, taken.place)

    def place(self, visit: Visit) -> Mapping[str, Any]:
        """Return no place: nobody wants to come back to a question."""
        return {}

    def _back(self, visit: Visit, place: Mapping[str, Any]) -> Response:
        return self.go(visit, str(place.get(PAGE, StartPage.name)), **_selection(place))


def _selection(place: Mapping[str, Any]) -> dict[str, str]:
    """Return the student, the term and whatever else was chosen there."""
    return {name: str(place[name]) for name in LONGEST if name in place}
