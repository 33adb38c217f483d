"""Show staff what a merge of two accounts would do, and do it once they have seen it."""

from typing import Any

from starlette.responses import Response

from portal.core.outcomes import Reason, Refused
from portal.helpdesk.merging.outcomes import Merge, MergePlan
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.transaction import Transaction
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.forms import Form, Problem

NAMES = ("kept", "ended")


class MergePage(ConsolePage):
    """Ask for two accounts, show before and after, then merge (R132-R133)."""

    name = "merge"
    template = "merge.html"
    deed = Deed.MERGE
    in_menu = True

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the dry run of the two that are named in the address, or ask for them."""
        asked = visit.request.query_params
        typed = {name: asked.get(name, "").strip()[:320] for name in NAMES}
        # What staff type is shown again beside what is wrong with it.
        form = Form(typed) if any(typed.values()) else None
        if form is None:
            return self.render(visit)
        return await self._dry_run(visit, form)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Merge, if the two still are as they were shown."""
        problems = form.problems("reason", optional=("kept_id", "ended_id"))
        if problems:
            return await self._dry_run(visit, form, problems=problems)
        if not form.has("sure"):
            return await self._dry_run(visit, form, problems=[Problem("sure", "merge_unsure")])
        merge = Merge(
            kept=form.text("kept_id"),
            ended=form.text("ended_id"),
            fingerprint=form.text("fingerprint"),
            reason=form.text("reason"),
            form_id=form.form_id,
        )
        done = await self.within(visit, lambda tx, member: tx.merging.merge(member, merge))
        if isinstance(done, Refused):
            if done.reason is Reason.ALREADY_DONE:
                return self.refuse(visit, done, form)
            return await self._dry_run(visit, form, refused=done)
        note = "merge_repeated" if done.is_repeat else "merged"
        return self.go(visit, self.name, note=note)

    async def _dry_run(
        self, visit: ConsoleVisit, form: Form, *, refused: Refused | None = None, **told: Any
    ) -> Response:
        found = await self.within(visit, lambda tx, member: _looked(tx, member, form))
        if isinstance(found, list):
            return self.render(visit, form, problems=found)
        if isinstance(found, Refused):
            return self.refuse(visit, found, form)
        district = visit.district
        is_aspen = district is not None and district.options.profile == "aspen"
        values: dict[str, Any] = {"plan": found, "is_aspen": is_aspen}
        if refused is not None:
            return self.refuse(visit, refused, form, **values)
        return self.render(visit, form, **values, **told)


def _looked(tx: Transaction, member: StaffMember, form: Form) -> MergePlan | Refused | list[Problem]:
    ids: dict[str, str] = {}
    problems = []
    for name in NAMES:
        # Sent with the second form, once they were found.
        known = form.text(f"{name}_id")
        found = known or tx.merging.find(member, form.text(name))
        if isinstance(found, Refused):
            if found.reason is Reason.FORBIDDEN:
                return found
            problems.append(Problem(name, "empty" if not form.text(name) else "account_unknown"))
        else:
            ids[name] = found
    return problems or tx.merging.plan(member, ids["kept"], ids["ended"])
