"""Show "Student and Parent Sign In" and sign a parent in."""

from starlette.responses import Response

from portal.accounts.outcomes import MustChangePassword, SafelyDiagnosed, SignedIn, SignIn
from portal.core.outcomes import Reason, Refused
from web.public.forms import Form
from web.public.page import PublicPage
from web.public.sheets import Notice, moment
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
            return await self._refused(visit, form, outcome)
        return await self._welcome(visit, sid, outcome)

    async def _refused(self, visit: Visit, form: Form, refused: Refused) -> Response:
        if refused.reason is not Reason.BAD_CREDENTIALS:
            return self.refuse(visit, form, refused)
        # The try that used up the last one is told so at once, and not at one more in vain. It is looked
        # up for every name alike, whether or not somebody has it.
        slug, typed = visit.district.slug, form.text("username")
        found = await self.gateway.within(
            lambda tx: tx.diagnosis.safely(slug, typed, visit.device), read_only=True
        )
        if not found.is_locked:
            return self.refuse(visit, form, refused)
        return self.render(visit, form, notice=self._last_try(visit, found), status=422)

    def _last_try(self, visit: Visit, found: SafelyDiagnosed) -> Notice:
        words = self.words(visit)
        failed = words("reason_bad_credentials")
        if found.until is not None:
            at = moment(found.until, visit.district, words.language)
            return Notice(f"{failed} {words('locked_now', at=at)}", contact=True)
        key = "locked_now_school" if found.must_contact_school else "locked_now_recover"
        return Notice(f"{failed} {words(key)}", contact=True)

    async def _welcome(self, visit: Visit, sid: str, outcome: SignedIn | MustChangePassword) -> Response:
        left = visit.conversation
        await self.gateway.within(lambda tx: tx.sessions.end(left))
        visit.renew(sid)
        if isinstance(outcome, MustChangePassword):
            return self.go(visit, "change-password", why=outcome.cause.value)
        return self.go(visit, "restore" if outcome.offers_restore else "start")
