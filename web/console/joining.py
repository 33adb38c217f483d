"""Let whoever was invited choose a password and set up the app that shows codes."""

from typing import Any

from starlette.responses import Response

from portal.core.outcomes import Refused
from portal.core.secret import Secret
from portal.helpdesk.staff.codes import address_of_app
from portal.helpdesk.staff.joining import Invitations, JoiningStaff, StaffJoin
from portal.helpdesk.staff.outcomes import StaffMember
from portal.transaction import Transaction
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.cookies import new_token
from web.public.forms import Form


class JoinPage(ConsolePage):
    """Take the invitation's token, which the link carries behind its #, then everything else.

    Opening the link spends nothing: programs that look through mails open links too.
    """

    name = "join"
    template = "join.html"
    is_open = True

    async def show(self, visit: ConsoleVisit) -> Response:
        """Ask for the token, which a script has filled in where scripts run."""
        return self.render(visit, invited=None)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Show what is to be set up, or set it up."""
        problems = form.problems("token")
        if problems:
            return self.render(visit, form, problems=problems, invited=None)
        if not form.has("new_password"):
            return await self._set_up(visit, form.secret("token"))
        problems = form.problems("new_password", "code")
        if problems:
            return await self._set_up(visit, form.secret("token"), form, problems=problems)
        return await self._join(visit, form)

    async def _join(self, visit: ConsoleVisit, form: Form) -> Response:
        session = new_token()
        request = StaffJoin(
            form.secret("token"),
            form.secret("new_password"),
            form.secret("new_password_again"),
            form.text("code"),
            session,
        )
        outcome = await self.gateway.call(lambda portal: portal.run(JoiningStaff(request)))
        if isinstance(outcome, Refused):
            return await self._set_up(visit, request.token, form, refused=outcome)
        visit.sid = session
        return self.go(visit, note="joined")

    async def _set_up(
        self,
        visit: ConsoleVisit,
        token: Secret,
        form: Form | None = None,
        refused: Refused | None = None,
        **values: Any,
    ) -> Response:
        def found(tx: Transaction) -> tuple[StaffMember, Secret] | Refused:
            invitations = Invitations(tx.context)
            invited = invitations.whom(token)
            return invited if isinstance(invited, Refused) else (invited, invitations.secret(token))

        known = await self.gateway.within(found)
        if isinstance(known, Refused):
            return self.refuse(visit, known, form, invited=None)
        invited, secret = known
        app = address_of_app(secret, invited.email)
        told: dict[str, Any] = {
            "invited": invited,
            "token": token.value.strip(),
            "app": app,
            "secret": secret.value,
        }
        if refused is not None:
            return self.refuse(visit, refused, form, **told)
        return self.render(visit, form, **told, **values)
