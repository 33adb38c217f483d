"""Let staff change what they sign in with."""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from portal.core.outcomes import Refused
from portal.helpdesk.staff.codes import address_of_app
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.own import Change, ChangingOwnSignIn, NewCodes, NewPassword, Shown
from portal.transaction import Transaction
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.cookies import new_token
from web.public.forms import Form

_SEED = re.compile(r"[0-9a-f]{32}")


class MePage(ConsolePage):
    """Show what there is to change."""

    name = "me"
    template = "me.html"
    in_menu = True
    methods = ("GET",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show it."""
        passkeys = await self.within(visit, lambda tx, member: tx.passkeys.all(member))
        if isinstance(passkeys, Refused):
            return self.refuse(visit, passkeys)
        return self.render(visit, passkeys=passkeys)


class OwnSignInPage(ConsolePage):
    """Change one thing, after the password was shown once more."""

    done: str

    async def change(
        self, visit: ConsoleVisit, form: Form, change: Change, shown: Mapping[str, Any]
    ) -> Response:
        """Make the change, and go on under a new cookie."""
        token = new_token()
        proof = Shown(form.secret("current_password"), visit.source, visit.sid, token)
        outcome = await self.gateway.call(lambda portal: portal.run(ChangingOwnSignIn(proof, change)))
        if isinstance(outcome, Refused):
            return self.refuse(visit, outcome, form, **shown)
        visit.sid = token
        return self.go(visit, "me", note=self.done)


class OwnPasswordPage(OwnSignInPage):
    """Change one's password."""

    name = "me/password"
    template = "my_password.html"
    done = "password_changed"

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the form."""
        return self.render(visit)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Change it."""
        problems = form.problems("current_password", "new_password")
        if problems:
            return self.render(visit, form, problems=problems)
        change = NewPassword(form.secret("new_password"), form.secret("new_password_again"))
        return await self.change(visit, form, change, {})


class OwnCodesPage(OwnSignInPage):
    """Take codes from another app."""

    name = "me/codes"
    template = "my_codes.html"
    done = "codes_changed"

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the QR code of a new secret."""
        return self.render(visit, **await self._secret(visit, secrets.token_hex(16)))

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Take its codes from now on."""
        seed = form.text("seed")
        # The page derives its secret from this again, so that the app need not be set up twice.
        shown = await self._secret(visit, seed if _SEED.fullmatch(seed) else secrets.token_hex(16))
        problems = form.problems("current_password", "code")
        if problems:
            return self.render(visit, form, problems=problems, **shown)
        return await self.change(visit, form, NewCodes(shown["seed"], form.text("code")), shown)

    async def _secret(self, visit: ConsoleVisit, seed: str) -> dict[str, Any]:
        def derived(tx: Transaction, member: StaffMember) -> dict[str, Any]:
            secret = NewCodes(seed, "").secret(tx.context, member.staff_id)
            return {"seed": seed, "secret": secret.value, "app": address_of_app(secret, member.email)}

        found = await self.within(visit, derived)
        return {"seed": seed, "secret": "", "app": ""} if isinstance(found, Refused) else found
