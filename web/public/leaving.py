"""Sign out, say that time ran out, and tell a page whether its session still lives."""

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from portal.accounts.outcomes import LiveSession
from portal.transaction import Transaction
from web.public.forms import Form
from web.public.page import PublicPage
from web.public.visits import Visit


def _is_live(tx: Transaction, visit: Visit) -> bool:
    # Only looked at: a page that asks by itself is nobody's activity.
    live = tx.sessions.any_scope(visit.conversation, touch=False)
    return isinstance(live, LiveSession) and live.district == visit.district.slug


class SignOutPage(PublicPage):
    """Sign out from any page; there is nothing to look at here."""

    name = "sign-out"
    template = ""
    methods = ("POST",)

    async def show(self, visit: Visit) -> Response:
        """Refuse to sign anybody out by a mere link."""
        raise HTTPException(405, detail="wrong_method")

    async def submit(self, visit: Visit, form: Form) -> Response:
        """End the session and show the Sign In page (R111)."""
        await self.gateway.within(lambda tx: tx.sessions.end(visit.conversation))
        visit.renew()
        return self.go(visit, "sign-in", note="signed_out")

    async def outdated(self, visit: Visit) -> Response:
        """Leave the session of now alone: the button belonged to another one."""
        if await self.gateway.within(lambda tx: _is_live(tx, visit), read_only=True):
            raise HTTPException(403, detail="foreign_page")
        return self.go(visit, "start")


class SignedOutPage(PublicPage):
    """Say that the session timed out, and lead back to the Sign In page (R68)."""

    name = "signed-out"
    template = "signed_out.html"
    methods = ("GET",)

    async def show(self, visit: Visit) -> Response:
        """Show the message, unless the parent went on in another tab."""
        if await self.gateway.within(lambda tx: _is_live(tx, visit), read_only=True):
            return self.go(visit, "start")
        return self.render(visit)


class SessionPage(PublicPage):
    """Tell the script of an open page whether its session still lives."""

    name = "session"
    template = ""
    methods = ("GET",)

    async def show(self, visit: Visit) -> Response:
        """Answer with JSON and change nothing."""
        live = await self.gateway.within(lambda tx: _is_live(tx, visit), read_only=True)
        return JSONResponse({"live": live})
