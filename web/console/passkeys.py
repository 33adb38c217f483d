"""Let staff sign in with a passkey; the browser is asked by a small script of ours."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from portal.core.outcomes import Reason, Refused
from portal.helpdesk.staff.own import AddedPasskey, ChangingOwnSignIn, RemovedPasskey, Shown
from portal.helpdesk.staff.passkey_forms import NewPasskey, Party, ShownPasskey
from web.console.page import ConsolePage, ConsoleSite
from web.console.visits import ConsoleVisit
from web.public.cookies import new_token
from web.public.forms import Form

JSON = "application/json"


def can_have_passkeys(visit: ConsoleVisit) -> bool:
    """Tell whether a browser would make passkeys for this address: it does for names, never for numbers."""
    return _is_name(visit.request.url.hostname or "")


def party_of(site: ConsoleSite, visit: ConsoleVisit) -> Party:
    """Return under which name the browser knows this installation."""
    own = urlsplit(site.public_url or "")
    if own.hostname and _is_name(own.hostname):
        return Party(own.hostname, f"{own.scheme}://{own.netloc}")
    # On this machine alone there is no name of its own yet: the one that it was called by.
    url = visit.request.url
    return Party(url.hostname or "", f"{url.scheme}://{url.netloc}")


def _is_name(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return bool(host)
    return False


class SignInWithPasskeyPage(ConsolePage):
    """Tell the browser what to sign, and let in whoever it signs for."""

    name = "sign-in/passkey"
    template = "sign_in.html"
    is_open = True

    async def show(self, visit: ConsoleVisit) -> Response:
        """Answer the script."""
        party, token = party_of(self.site, visit), visit.sid
        options = await self.gateway.within(lambda tx: tx.passkeys.to_sign_in(party, token))
        return Response(options, media_type=JSON)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Begin the session."""
        token = new_token()
        shown = ShownPasskey(
            form.values.get("credential", ""),
            form.values.get("challenge", ""),
            party_of(self.site, visit),
            visit.source,
            visit.sid,
            token,
        )
        outcome = await self.gateway.within(lambda tx: tx.passkeys.enter(shown))
        if isinstance(outcome, Refused):
            return self.refuse(visit, outcome, to="", with_passkeys=can_have_passkeys(visit))
        visit.sid = token
        return self.go(visit)


class PasskeyOptionsPage(ConsolePage):
    """Tell the browser how to make a passkey."""

    name = "me/passkey-options"
    template = "passkeys.html"
    methods = ("GET",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Answer the script."""
        party, token = party_of(self.site, visit), visit.sid
        options = await self.within(visit, lambda tx, member: tx.passkeys.to_add(member, party, token))
        if isinstance(options, Refused):
            return self.refuse(visit, options)
        return Response(options, media_type=JSON)


class PasskeysPage(ConsolePage):
    """Show the passkeys of whoever is signed in, and add one."""

    name = "me/passkeys"
    template = "passkeys.html"

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show them."""
        return await self._shown(visit)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Add the one that the browser made."""
        problems = form.problems("name", "current_password")
        if problems:
            return await self._shown(visit, form, Refused(Reason.FIELDS_REFUSED), problems=problems)
        token = new_token()
        shown = Shown(form.secret("current_password"), visit.source, visit.sid, token)
        credential, challenge = form.values.get("credential", ""), form.values.get("challenge", "")
        new = NewPasskey(credential, challenge, form.text("name"), party_of(self.site, visit), visit.sid)
        outcome = await self.gateway.call(
            lambda portal: portal.run(ChangingOwnSignIn(shown, AddedPasskey(new)))
        )
        if isinstance(outcome, Refused):
            return await self._shown(visit, form, outcome)
        visit.sid = token
        return self.go(visit, self.name, note="passkey_added")

    async def _shown(
        self, visit: ConsoleVisit, form: Form | None = None, refused: Refused | None = None, **values: Any
    ) -> Response:
        found = await self.within(visit, lambda tx, member: tx.passkeys.all(member))
        if isinstance(found, Refused):
            return self.refuse(visit, found)
        told: dict[str, Any] = {"passkeys": found, "with_passkeys": can_have_passkeys(visit)}
        if refused is None or values:
            return self.render(visit, form, **told, **values)
        return self.refuse(visit, refused, form, **told)


class RemovePasskeyPage(ConsolePage):
    """Ask before a passkey is removed."""

    name = "me/passkeys/{passkey}"
    template = "remove_passkey.html"

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show which one."""
        return await self._shown(visit)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Remove it."""
        token = new_token()
        shown = Shown(form.secret("current_password"), visit.source, visit.sid, token)
        removed = RemovedPasskey(visit.request.path_params["passkey"])
        outcome = await self.gateway.call(lambda portal: portal.run(ChangingOwnSignIn(shown, removed)))
        if isinstance(outcome, Refused):
            return await self._shown(visit, form, outcome)
        visit.sid = token
        return self.go(visit, "me/passkeys", note="passkey_removed")

    async def _shown(
        self, visit: ConsoleVisit, form: Form | None = None, refused: Refused | None = None
    ) -> Response:
        found = await self.within(visit, lambda tx, member: tx.passkeys.all(member))
        named = visit.request.path_params["passkey"]
        if isinstance(found, Refused):
            return self.refuse(visit, found)
        passkey = next((each for each in found if each.id == named), None)
        if passkey is None:
            return self.refuse(visit, Refused(Reason.NOT_FOUND))
        if refused is not None:
            return self.refuse(visit, refused, form, passkey=passkey)
        return self.render(visit, passkey=passkey)
