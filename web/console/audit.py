"""Show the audit of the district, and check that it is whole."""

import re
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from starlette.responses import Response

from portal.core.audit import AuditEvent, ChainBroken, ChainIntact
from portal.core.outcomes import Refused
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.helpdesk.staff.trail import TrailFilter
from portal.transaction import Transaction
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.forms import Form
from web.words import Words

_NUMBER = re.compile(r"[0-9]{1,9}")


class AuditPage(ConsolePage):
    """Show rows, newest first; families are pseudonyms in them."""

    name = "audit"
    template = "audit.html"
    deed = Deed.SEE_AUDIT
    in_menu = True

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the page that was asked for."""
        return await self._shown(visit, None)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Check the whole chain."""
        checked = await self.within(visit, lambda tx, member: tx.audit_trail.check(member))
        if isinstance(checked, Refused):
            return self.refuse(visit, checked)
        return await self._shown(visit, checked)

    async def _shown(self, visit: ConsoleVisit, checked: ChainIntact | ChainBroken | None) -> Response:
        chosen = _chosen(visit.request.query_params)

        def found(tx: Transaction, member: StaffMember) -> Mapping[str, Any] | Refused:
            page = tx.audit_trail.page(member, chosen)
            if isinstance(page, Refused):
                return page
            names = tx.staff.names(member.district)
            # What stands in the details as an id is shown by its name.
            return {"trail": page, "names": names, "known": {**tx.staff.schools(member.district), **names}}

        shown = await self.within(visit, found)
        if isinstance(shown, Refused):
            return self.refuse(visit, shown)
        said = _said(self.words(visit))
        kept = {"event": chosen.event, "staff": chosen.staff_id, "subject": chosen.subject}
        return self.render(
            visit,
            **shown,
            chosen=chosen,
            kept={key: value for key, value in kept.items() if value},
            events=sorted(said.items(), key=itemgetter(1)),
            events_said=said,
            whole=checked.count if isinstance(checked, ChainIntact) else None,
            broken=checked.number if isinstance(checked, ChainBroken) else None,
        )


def _said(words: Words) -> dict[str, str]:
    """Return what each event is called; one that has no words yet, by its own name."""
    keys = {event.value: f"event_{event.value.replace('.', '_')}" for event in AuditEvent}
    return {event: words(key) if words.knows(key) else event for event, key in keys.items()}


def _chosen(asked: Mapping[str, str]) -> TrailFilter:
    before, event = asked.get("before", ""), asked.get("event", "")
    return TrailFilter(
        before=int(before) if _NUMBER.fullmatch(before) else None,
        event=event if event in set(AuditEvent) else "",
        staff_id=_id(asked.get("staff", "")),
        subject=_id(asked.get("subject", "")),
    )


def _id(typed: str) -> str:
    # Ids and pseudonyms are hexadecimal; nothing else is looked for.
    return typed if len(typed) <= 64 and all(each in "0123456789abcdef" for each in typed) else ""
