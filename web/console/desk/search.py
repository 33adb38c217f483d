"""Find a parent by what a caller says."""

from starlette.responses import Response

from portal.accounts.outcomes import Diagnosed
from portal.core.outcomes import Refused
from portal.helpdesk.desk.outcomes import Searched
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.transaction import Transaction
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
        found = await self.within(visit, lambda tx, member: _found(tx, member, typed))
        if isinstance(found, Refused):
            return self.refuse(visit, found, form)
        parents, name = found
        return self.render(visit, form, found=parents, as_username=name)


def _found(tx: Transaction, member: StaffMember, typed: str) -> tuple[Searched, Diagnosed | None] | Refused:
    found = tx.parent_search.search(member, typed)
    return found if isinstance(found, Refused) else (found, tx.parents.name(member, typed.strip()))
