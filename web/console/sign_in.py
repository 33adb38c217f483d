"""Let staff in, by password and second factor, and out again."""

from starlette.responses import Response

from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.forms import Form


class SignInPage(ConsolePage):
    """Ask for the address and the password."""

    name = "sign-in"
    template = "sign_in.html"
    is_open = True

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the form."""
        return self.render(visit)


class SignOutPage(ConsolePage):
    """End the session."""

    name = "sign-out"
    template = "sign_in.html"
    methods = ("POST",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Never called: there is nothing to see."""
        raise NotImplementedError

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """End the session and show the way back in."""
        await self.gateway.within(lambda tx: tx.staff_sessions.end(visit.sid))
        visit.renew()
        return self.go(visit, "sign-in", note="signed_out")
