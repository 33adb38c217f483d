"""Show first what waits, and where to find a parent."""

from starlette.responses import Response

from portal.core.outcomes import Refused
from portal.helpdesk.staff.roles import Deed
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit


class HomePage(ConsolePage):
    """Show what waits for whoever is signed in."""

    name = ""
    template = "home.html"
    in_menu = True
    methods = ("GET",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show it."""
        waiting = await self.within(visit, lambda tx, member: tx.overview.of(member))
        if isinstance(waiting, Refused):
            return self.refuse(visit, waiting)
        searches = visit.member is not None and visit.member.may(Deed.SEARCH)
        return self.render(visit, waiting=waiting, searches=searches)
