"""Show a district administrator what is kept of a family, and delete it once they have seen it."""

from typing import Any

from starlette.responses import Response

from portal.core.outcomes import Reason, Refused
from portal.forgetting.desk import Shown, Wish
from portal.forgetting.outcomes import Forgotten, GoesWith
from portal.forgetting.tidying import tidy
from portal.helpdesk.staff.roles import Deed
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.forms import Form

MOST_ID = 64


class ForgetPage(ConsolePage):
    """Show what would go and what stays, then delete: by the name typed once more and a fresh code."""

    name = "forget"
    template = "forget.html"
    deed = Deed.FORGET_FAMILY

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the dry run of the account that the address names; without one, let it be looked for."""
        account = _account(visit)
        return await self._dry_run(visit, account) if account else self.go(visit, "parents")

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Delete, if all still is as it was shown."""
        account = _account(visit)
        problems = form.problems("username", "reference", "code", optional=("fingerprint",))
        if problems:
            return await self._dry_run(visit, account, form, problems=problems)
        wish = Wish(
            account,
            form.text("username"),
            form.text("reference"),
            form.text("fingerprint"),
            form.text("code"),
            visit.source,
        )
        done = await self.within(visit, lambda tx, member: tx.forgetting_desk.forget(member, wish))
        match done:
            case Forgotten():
                tidied = await self.gateway.call(lambda portal: tidy(portal.engine))
                return self.render(visit, template="forgotten.html", plan=done.plan, tidied=tidied)
            case GoesWith():
                return await self._dry_run(visit, account)
            case Refused(reason=Reason.NOT_FOUND):
                # Sent twice, or done by somebody else meanwhile: there is nothing left to do.
                return self.go(visit, "parents", note="family_gone")
            case Refused():
                return await self._dry_run(visit, account, form, refused=done)

    async def _dry_run(
        self,
        visit: ConsoleVisit,
        account: str,
        form: Form | None = None,
        refused: Refused | None = None,
        **told: Any,
    ) -> Response:
        found = await self.within(visit, lambda tx, member: tx.forgetting_desk.plan(member, account))
        if isinstance(found, Refused):
            if found.reason is Reason.CALLER_NOT_VERIFIED:
                return self.go(visit, f"parents/{account}/caller")
            return self.refuse(visit, found, form)
        values = {"shown": found} if isinstance(found, Shown) else {"goes_with": found.username}
        if refused is not None:
            return self.refuse(visit, refused, form, **values)
        return self.render(visit, form, **values, **told)


def _account(visit: ConsoleVisit) -> str:
    return visit.request.query_params.get("account", "")[:MOST_ID]
