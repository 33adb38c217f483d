"""Give out a temporary password: shown once on this page, or a link that is mailed."""

from starlette.responses import Response

from portal.core.options import Profile
from portal.core.outcomes import Refused
from portal.helpdesk.desk.outcomes import Order
from portal.helpdesk.desk.temporary import TemporaryOrder
from portal.helpdesk.staff.roles import Deed
from web.console.desk.deeds import Act, DeedPage, order_of
from web.console.visits import ConsoleVisit
from web.public.forms import Form


class TemporaryPasswordPage(DeedPage):
    """Show a password that is good for one sign-in, where the district's profile permits it."""

    name = "parents/{account}/temporary-password"
    deed = Deed.SET_TEMPORARY_PASSWORD
    deed_name = "temporary-password"

    def act(self, order: Order, form: Form) -> Act:
        """Mail the link that stands for a temporary password."""
        return lambda tx, member: tx.desk.send_link(member, order)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Make it and show it in this one answer, or mail the link."""
        if visit.district is None or visit.district.options.profile is Profile.RECOMMENDED:
            return await super().submit(visit, form)
        problems = form.problems("why", optional=("note",), lines=("note",))
        if problems:
            return await self.page(visit, form, problems)
        asked = TemporaryOrder(visit.sid, order_of(visit, form))
        made = await self.gateway.call(lambda portal: portal.give_temporary_password(asked))
        if isinstance(made, Refused):
            return await self.refused(visit, made, form)
        return self.render(visit, template="desk/temporary.html", made=made)
