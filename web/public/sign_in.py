"""Show "Student and Parent Sign In" and sign a parent in."""

from starlette.responses import Response

from portal.accounts.outcomes import MustChangePassword, SignedIn, SignIn
from portal.core.outcomes import Refused
from web.public.forms import Form
from web.public.page import PublicPage
from web.public.visits import CHANNEL, Visit, conversation_of


class SignInPage(PublicPage):
    """Sign in with username and password (R5-R12)."""

    name = "sign-in"
    template = "sign_in.html"

    async def show(self, visit: Visit) -> Response:
        """Show the empty form."""
        return self.render(visit)

    async def submit(self, visit: Visit, form: Form) -> Response:
        """Sign in, and send the browser where the portal says."""
        problems = form.problems("username", "password")
        if problems:
            return self.render(visit, form, problems=problems)
        sid = visit.next_sid(form.form_id, form.text("username"), form.secret("password").value)
        request = SignIn(
            district=visit.district.slug,
            username=form.text("username"),
            password=form.secret("password"),
            source=visit.source,
            conversation=conversation_of(sid),
            channel=CHANNEL,
            request_id=form.form_id,
            device=visit.device,
        )
        outcome = await self.gateway.call(lambda portal: portal.sign_in(request))
        if isinstance(outcome, Refused):
            return self.refuse(visit, form, outcome)
        return await self._welcome(visit, sid, outcome)

    async def _welcome(self, visit: Visit, sid: str, outcome: SignedIn | MustChangePassword) -> Response:
        left = visit.conversation
        await self.gateway.within(lambda tx: tx.sessions.end(left))
        visit.renew(sid)
        if isinstance(outcome, MustChangePassword):
            return self.go(visit, "change-password", why=outcome.cause.value)
        return self.go(visit, "restore" if outcome.offers_restore else "start")
