"""Show one parent: why they do not get in, and everything that bears on it."""

from starlette.responses import Response

from portal.core.outcomes import Refused
from portal.helpdesk.case_outcomes import CaseLine
from portal.helpdesk.desk.outcomes import Check, ParentShown
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.transaction import Transaction
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.forms import Form, Problem

ACCOUNT = "account"


def account_of(visit: ConsoleVisit) -> str:
    """Return the account that the address names."""
    return str(visit.request.path_params[ACCOUNT])


class ParentPage(ConsolePage):
    """Show one parent in one screen."""

    name = "parents/{account}"
    template = "desk/parent.html"
    deed = Deed.SEE_PARENT
    methods = ("GET",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the parent; the look is on record."""
        account = account_of(visit)

        def looked(tx: Transaction, member: StaffMember) -> tuple[ParentShown, list[CaseLine]] | Refused:
            shown = tx.parents.look(member, account)
            return shown if isinstance(shown, Refused) else (shown, tx.case_lists.of_account(member, account))

        found = await self.within(visit, looked)
        if isinstance(found, Refused):
            return self.refuse(visit, found)
        return self.render(visit, shown=found[0], cases=found[1])


class CallerPage(ConsolePage):
    """Ask how it was made sure who calls, before anything is done."""

    name = "parents/{account}/caller"
    template = "desk/caller.html"
    deed = Deed.SEND_RECOVERY

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the checklist."""
        return await self._page(visit)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Keep the checklist and go on to what was to be done."""
        account_id, ticked = account_of(visit), form.ticked("check_")
        checked = await self.within(visit, lambda tx, member: tx.callers.check(member, account_id, ticked))
        if isinstance(checked, Refused):
            if checked.violations:
                return await self._page(visit, form, [Problem.of(each) for each in checked.violations])
            return self.refuse(visit, checked)
        if Check.SCHOOL_ACTS.value in ticked and not checked.is_verified:
            return self.go(visit, f"parents/{account_id}", note="school_acts")
        note = "caller_verified" if checked.is_verified else "caller_not_verified"
        then = visit.request.query_params.get("then", "")
        # Only ever a page of this parent; its own address answers for what else stands there.
        to = (
            f"parents/{account_id}/{then}"
            if checked.is_verified and then.isascii() and then.replace("-", "").isalpha()
            else ""
        )
        return self.go(visit, to or f"parents/{account_id}", note=note)

    async def _page(
        self, visit: ConsoleVisit, form: Form | None = None, problems: list[Problem] | None = None
    ) -> Response:
        head = await self.within(visit, lambda tx, member: tx.parents.head(member, account_of(visit)))
        if isinstance(head, Refused):
            return self.refuse(visit, head)
        return self.render(visit, form, problems=problems or (), account=head, checks=tuple(Check))
