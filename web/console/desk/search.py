"""Find a parent by what a caller says."""

from starlette.responses import Response

from portal.core.outcomes import Refused
from portal.helpdesk.staff.roles import Deed
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.forms import Form


class SearchPage(ConsolePage):
    """Take a few letters and show whose name, username, e-mail, telephone or student number they begin."""

    name = "parents"
    template = "desk/search.html"
    deed = Deed.SEARCH
    in_menu = True
    methods = ("GET",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the field, and what was found once something was typed."""
        typed = visit.request.query_params.get("q", "")
        if not typed.strip():
            return self.render(visit)
        form = Form({"q": typed})
        # Broken characters and the like are refused before they reach a database.
        problems = form.problems("q")
        if problems:
            return self.render(visit, form, problems=problems)
        found = await self.within(visit, lambda tx, member: tx.parent_search.search(member, typed))
        if isinstance(found, Refused):
            return self.refuse(visit, found, form)
        return self.render(visit, form, found=found)
