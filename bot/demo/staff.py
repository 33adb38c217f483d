"""Let the made-up staff of the demo work at its console."""

from collections.abc import Mapping
from typing import Any

from portal.core.errors import PortalError
from portal.core.outcomes import Refused
from portal.core.secret import Secret
from portal.helpdesk.staff.outcomes import NewStaff
from portal.helpdesk.staff.roles import Role
from portal.helpdesk.staff.setting_up import SettingUpStaff
from portal.transaction import Portal


def open_staff(portal: Portal, entry: Mapping[str, Any]) -> None:
    """Add one of the staff who is missing; whoever signed in once is left as they are."""
    with portal.begin() as tx:
        row = tx.staff.find(entry["email"])
        known = {name: school for school, name in tx.staff.schools(entry["district"]).items()}
        schools = frozenset(known[name] for name in entry["schools"])
        new = NewStaff(entry["district"], entry["email"], entry["name"], Role(entry["role"]), schools)
        added = tx.staff.invite(new, by="demo") if row is None else None
        if isinstance(added, Refused):
            message = f"The made-up {entry['email']} could not be added: make data/demo anew."
            raise PortalError(message)
        staff_id = added.staff_id if added is not None else row.staff_id if row is not None else ""
        # In the demo nobody has the app that an invitation sets up: its secret stands in demo.json.
        is_new = row is None or (not row.password_hash and row.last_sign_in_at is None)
    if is_new:
        portal.run(SettingUpStaff(staff_id, Secret(entry["password"]), Secret(entry["totp_secret"])))
