"""Let district administrators manage who works at the help desk."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from portal.core.outcomes import Refused
from portal.helpdesk.staff.outcomes import NewStaff, StaffInvited, StaffListed, StaffMember, StaffPlace
from portal.helpdesk.staff.roles import Deed, Role
from portal.transaction import Transaction
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.forms import Form

SCHOOL = "school_"
_VERSION = re.compile(r"[0-9]{1,9}")


class StaffPage(ConsolePage):
    """List the district's staff."""

    name = "staff"
    template = "staff.html"
    deed = Deed.MANAGE_STAFF
    in_menu = True
    methods = ("GET",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the list."""

        def found(tx: Transaction, member: StaffMember) -> Mapping[str, Any] | Refused:
            listed = tx.staff_office.all(member)
            if isinstance(listed, Refused):
                return listed
            return {"staff": listed, "schools": tx.staff.schools(member.district)}

        shown = await self.within(visit, found)
        return self.refuse(visit, shown) if isinstance(shown, Refused) else self.render(visit, **shown)


class InvitedPage(ConsolePage):
    """Show the link of an invitation once: it is written down nowhere."""

    deed = Deed.MANAGE_STAFF

    def invited(self, visit: ConsoleVisit, outcome: StaffInvited, email: str) -> Response:
        """Return the page with the link, for whoever hands it on."""
        url = visit.request.url
        origin = (self.site.public_url or f"{url.scheme}://{url.netloc}").rstrip("/")
        # Behind the #, where no server and no history sees it.
        link = f"{origin}{visit.link('join')}#{outcome.token.value}"
        return self.render(
            visit, template="invited.html", invitation=link, email=email, until=outcome.expires_at
        )


class InvitePage(InvitedPage):
    """Invite somebody."""

    name = "staff/new"
    template = "invite.html"

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the form."""
        return self.render(visit, **await self._shown(visit))

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Invite them and show the link."""
        problems = form.problems("name", "email")
        if problems:
            return self.render(visit, form, problems=problems, **await self._shown(visit, form))
        role, schools = _typed(form)
        new = NewStaff("", form.text("email"), form.text("name"), role, schools)
        outcome = await self.within(visit, lambda tx, member: tx.staff_office.invite(member, new))
        if isinstance(outcome, Refused):
            return self.refuse(visit, outcome, form, **await self._shown(visit, form))
        return self.invited(visit, outcome, new.email)

    async def _shown(self, visit: ConsoleVisit, form: Form | None = None) -> dict[str, Any]:
        found = await self.within(visit, lambda tx, member: tx.staff.schools(member.district))
        schools = {} if isinstance(found, Refused) else found
        ticked = frozenset[str]() if form is None else _typed(form)[1]
        return {"schools": schools, "ticked": ticked, "roles": list(Role)}


class StaffMemberPage(InvitedPage):
    """Show one of the staff, and give them another role or other schools."""

    name = "staff/{staff}"
    template = "staff_member.html"

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show them as they stand."""
        return await self.shown(visit)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Change their place."""
        role, schools = _typed(form)
        version = form.text("version")
        place = StaffPlace(_named(visit), int(version) if _VERSION.fullmatch(version) else -1, role, schools)
        outcome = await self.within(visit, lambda tx, member: tx.staff_office.place(member, place))
        if isinstance(outcome, Refused):
            return await self.shown(visit, form, outcome)
        return self.go(visit, f"staff/{place.staff_id}", note="staff_changed")

    async def shown(
        self, visit: ConsoleVisit, form: Form | None = None, refused: Refused | None = None
    ) -> Response:
        """Return the page, with what was refused."""

        def looked_up(tx: Transaction, member: StaffMember) -> tuple[StaffListed, dict[str, str]] | Refused:
            one = tx.staff_office.find(member, _named(visit))
            return one if isinstance(one, Refused) else (one, tx.staff.schools(member.district))

        found = await self.within(visit, looked_up)
        if isinstance(found, Refused):
            return self.refuse(visit, found)
        one, schools = found
        told: dict[str, Any] = {
            "one": one,
            "schools": schools,
            "ticked": one.member.schools,
            "roles": list(Role),
        }
        if refused is None:
            return self.render(visit, **told)
        return self.refuse(visit, refused, form, **told)


class LetGoPage(StaffMemberPage):
    """Ask why, and let somebody go."""

    name = "staff/{staff}/disable"
    template = "staff_disable.html"

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Let them go."""
        staff_id, why = _named(visit), form.text("reason")
        outcome = await self.within(visit, lambda tx, member: tx.staff_office.disable(member, staff_id, why))
        if isinstance(outcome, Refused):
            return await self.shown(visit, form, outcome)
        return self.go(visit, f"staff/{staff_id}", note="staff_disabled")


class LetBackPage(StaffMemberPage):
    """Ask why, and let somebody back."""

    name = "staff/{staff}/enable"
    template = "staff_enable.html"

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Let them back."""
        staff_id, why = _named(visit), form.text("reason")
        outcome = await self.within(visit, lambda tx, member: tx.staff_office.enable(member, staff_id, why))
        if isinstance(outcome, Refused):
            return await self.shown(visit, form, outcome)
        return self.go(visit, f"staff/{staff_id}", note="staff_enabled")


class ResetPage(StaffMemberPage):
    """Ask why, void what somebody signs in with, and show the link that sets it up anew."""

    name = "staff/{staff}/reset"
    template = "staff_reset.html"

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Void it and show the link."""
        staff_id, why = _named(visit), form.text("reason")

        def reset(tx: Transaction, member: StaffMember) -> tuple[StaffInvited, str] | Refused:
            outcome = tx.staff_office.reset(member, staff_id, why)
            one = tx.staff_office.find(member, staff_id)
            if isinstance(outcome, Refused):
                return outcome
            return one if isinstance(one, Refused) else (outcome, one.member.email)

        done = await self.within(visit, reset)
        if isinstance(done, Refused):
            return await self.shown(visit, form, done)
        return self.invited(visit, *done)


def _named(visit: ConsoleVisit) -> str:
    return str(visit.request.path_params["staff"])


def _typed(form: Form) -> tuple[Role, frozenset[str]]:
    typed = form.text("role")
    # No form of ours names another role; one that does gets the smallest.
    role = Role(typed) if typed in set(Role) else Role.DESK
    ticked = form.ticked(SCHOOL) if role is Role.SCHOOL_ADMINISTRATOR else []
    return role, frozenset(ticked)
