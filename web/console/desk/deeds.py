"""Do for a parent what they called about: one page for each deed, always with a reason."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from starlette.responses import Response

from portal.accounts.relationships import RELATIONSHIPS
from portal.core.outcomes import Reason, Refused
from portal.helpdesk.desk.linking import NewLinks
from portal.helpdesk.desk.outcomes import AccountShown, ChildShown, Done, Order, Why
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.transaction import Transaction
from web.console.desk.parent import account_of
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.forms import Form, Problem

Act = Callable[[Transaction, StaffMember], Done | Refused]


@dataclass(frozen=True, slots=True)
class _Shown:
    """Hold what the page of a deed is about."""

    account: AccountShown
    children: tuple[ChildShown, ...] = ()


class DeedPage(ConsolePage):
    """Ask for the reason, do the deed and go back to the parent; `told` are the words of what was done.

    `fields` are those that the deed itself needs beside the reason.
    """

    template = "desk/deed.html"
    deed_name: ClassVar[str]
    fields: ClassVar[tuple[str, ...]] = ()
    has_children: ClassVar[bool] = False

    @abstractmethod
    def act(self, order: Order, form: Form) -> Act:
        """Return the deed as the form orders it."""

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the form, or first the checklist about the caller."""
        return await self.page(visit)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Do the deed once."""
        problems = form.problems("why", *self.fields, optional=("note",), lines=("note",))
        if problems:
            return await self.page(visit, form, problems)
        act = self.act(order_of(visit, form), form)
        done = await self.within(visit, act)
        if isinstance(done, Refused):
            return await self.refused(visit, done, form)
        note = self.deed_name if done.told else f"{self.deed_name}_untold"
        return self.go(visit, f"parents/{done.account_id}", note=note.replace("-", "_"))

    async def refused(self, visit: ConsoleVisit, refused: Refused, form: Form) -> Response:
        """Show why the portal did not do it; a caller who was not verified yet is verified first."""
        if refused.reason is Reason.CALLER_NOT_VERIFIED:
            return self.to_caller(visit)
        shown = await self._shown(visit)
        if isinstance(shown, Refused):
            return self.refuse(visit, shown)
        return self.refuse(visit, refused, form, **self._values(shown))

    async def page(
        self, visit: ConsoleVisit, form: Form | None = None, problems: list[Problem] | None = None
    ) -> Response:
        """Return the form."""
        shown = await self._shown(visit)
        if isinstance(shown, Refused):
            if shown.reason is Reason.CALLER_NOT_VERIFIED:
                return self.to_caller(visit)
            return self.refuse(visit, shown)
        return self.render(visit, form, problems=problems or (), **self._values(shown))

    def to_caller(self, visit: ConsoleVisit) -> Response:
        """Ask first who calls."""
        return self.go(visit, f"parents/{account_of(visit)}/caller", then=self.deed_name)

    async def _shown(self, visit: ConsoleVisit) -> _Shown | Refused:
        account_id = account_of(visit)

        def shown(tx: Transaction, member: StaffMember) -> _Shown | Refused:
            head = tx.parents.head(member, account_id)
            if isinstance(head, Refused):
                return head
            if not tx.callers.permits(member, account_id, self.deed):
                return Refused(Reason.CALLER_NOT_VERIFIED)
            children = tx.parents.children(member, account_id) if self.has_children else ()
            return _Shown(head, tuple(children))

        return await self.within(visit, shown)

    def _values(self, shown: _Shown) -> Mapping[str, Any]:
        return {
            "account": shown.account,
            "children": shown.children,
            "reasons": tuple(Why),
            "deed": self.deed_name.replace("-", "_"),
            "fields": self.fields,
            "relationships": RELATIONSHIPS,
        }


def order_of(visit: ConsoleVisit, form: Form) -> Order:
    """Return the order that a form gives; the form itself is the request, so it acts once."""
    return Order(account_of(visit), form.form_id, form.text("why"), form.text("note"))


class UnlockPage(DeedPage):
    """Lift the lock; the password stays."""

    name = "parents/{account}/unlock"
    deed = Deed.UNLOCK
    deed_name = "unlock"

    def act(self, order: Order, form: Form) -> Act:
        """Unlock."""
        return lambda tx, member: tx.desk.unlock(member, order)


class RecoveryPage(DeedPage):
    """Mail the link to a new password."""

    name = "parents/{account}/recovery"
    deed = Deed.SEND_RECOVERY
    deed_name = "recovery"

    def act(self, order: Order, form: Form) -> Act:
        """Mail it."""
        return lambda tx, member: tx.desk.send_recovery(member, order)


class EndSessionsPage(DeedPage):
    """Sign the parent out everywhere."""

    name = "parents/{account}/sign-out"
    deed = Deed.END_SESSIONS
    deed_name = "sign-out"

    def act(self, order: Order, form: Form) -> Act:
        """End them."""
        return lambda tx, member: tx.desk.end_sessions(member, order)


class EmailPage(DeedPage):
    """Correct the address of the contact's login; it counts once it is confirmed."""

    name = "parents/{account}/email"
    deed = Deed.CORRECT_EMAIL
    deed_name = "email"
    fields = ("email",)

    def act(self, order: Order, form: Form) -> Act:
        """Write to the new address."""
        return lambda tx, member: tx.desk.correct_email(member, order, form.text("email"))


class DisablePage(DeedPage):
    """Close the account."""

    name = "parents/{account}/disable"
    deed = Deed.DISABLE
    deed_name = "disable"

    def act(self, order: Order, form: Form) -> Act:
        """Disable it."""
        return lambda tx, member: tx.desk.disable(member, order)


class EnablePage(DeedPage):
    """Open the account again."""

    name = "parents/{account}/enable"
    deed = Deed.DISABLE
    deed_name = "enable"

    def act(self, order: Order, form: Form) -> Act:
        """Enable it."""
        return lambda tx, member: tx.desk.enable(member, order)


class LinkPage(DeedPage):
    """Connect children to the account."""

    name = "parents/{account}/link"
    deed = Deed.LINK
    deed_name = "link"
    fields = ("relationship",)
    has_children = True

    def act(self, order: Order, form: Form) -> Act:
        """Connect those that are ticked, and the one whose number was typed."""
        new = NewLinks(
            form.text("relationship"),
            tuple(form.ticked("student_")),
            form.text("number"),
            despite_records=form.has("despite_records"),
        )
        return lambda tx, member: tx.desk_links.link(member, order, new)


class UnlinkPage(DeedPage):
    """Take a child off the account."""

    name = "parents/{account}/unlink"
    deed = Deed.LINK
    deed_name = "unlink"
    fields = ("student",)
    has_children = True

    def act(self, order: Order, form: Form) -> Act:
        """Take off the one that was chosen."""
        return lambda tx, member: tx.desk_links.unlink(member, order, form.text("student"))
