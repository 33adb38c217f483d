"""Lift in one deed what an attack on many names locked."""

from starlette.responses import Response

from portal.core.outcomes import Refused
from portal.helpdesk.desk.outcomes import Order, Why
from portal.helpdesk.staff.roles import Deed
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.forms import Form, Problem


class SprayPage(ConsolePage):
    """Show the alarms, and unlock the names of one of them."""

    name = "attacks"
    template = "desk/attacks.html"
    deed = Deed.UNLOCK_MANY
    in_menu = True

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the alarms."""
        return await self._page(visit)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Unlock what one alarm's attack locked."""
        problems = form.problems("why", "alarm", optional=("note",), lines=("note",))
        if problems:
            return await self._page(visit, form, problems)
        alarm = form.text("alarm")
        number = int(alarm) if alarm.isascii() and alarm.isdigit() and len(alarm) < 10 else 0
        order = Order("", form.form_id, form.text("why"), form.text("note"))
        done = await self.within(visit, lambda tx, member: tx.sprayed.unlock(member, number, order))
        if isinstance(done, Refused):
            alarms = await self.within(visit, lambda tx, member: tx.sprayed.alarms(member))
            return self.refuse(visit, done, form, alarms=alarms, reasons=tuple(Why))
        return self.go(visit, self.name, note="many_unlocked")

    async def _page(
        self, visit: ConsoleVisit, form: Form | None = None, problems: list[Problem] | None = None
    ) -> Response:
        alarms = await self.within(visit, lambda tx, member: tx.sprayed.alarms(member))
        if isinstance(alarms, Refused):
            return self.refuse(visit, alarms)
        return self.render(visit, form, problems=problems or (), alarms=alarms, reasons=tuple(Why))
