"""Invite staff, and show codes as their apps do."""

import pyotp

from portal.core.outcomes import Refused
from portal.core.secret import Secret
from portal.helpdesk.staff.joining import Invitations, JoiningStaff, StaffJoin
from portal.helpdesk.staff.outcomes import NewStaff, StaffInvited, StaffMember
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from web.public.cookies import new_token

EMAIL = "dana@schools.example"
PASSWORD = "seven slow ferries hum"


def invite(
    portal: Portal,
    role: Role = Role.DESK,
    *,
    email: str = EMAIL,
    district: str = "westborough",
    name: str = "Dana Whitlock",
) -> StaffInvited:
    """Invite somebody as the command line does."""
    with portal.begin() as tx:
        invited = tx.staff.invite(NewStaff(district, email, name, role), by="command line: test")
    assert isinstance(invited, StaffInvited), invited
    return invited


def app_of(portal: Portal, token: Secret) -> pyotp.TOTP:
    """Return the app that was set up with an invitation."""
    with portal.begin(read_only=True) as tx:
        return pyotp.TOTP(Invitations(tx.context).secret(token).value)


def code(portal: Portal, app: pyotp.TOTP, *, steps: int = 0) -> str:
    """Return what the app shows now, or so many steps later."""
    return app.at(portal.clock.now(), counter_offset=steps)


def join(portal: Portal, token: Secret, **typed: str) -> StaffMember | Refused:
    """Take up an invitation with a usable password and the right code, unless the test says otherwise."""
    password = typed.get("password", PASSWORD)
    request = StaffJoin(
        token,
        Secret(password),
        Secret(typed.get("again", password)),
        typed.get("code", code(portal, app_of(portal, token))),
        typed.get("session", new_token()),
    )
    return portal.run(JoiningStaff(request))


def joined(portal: Portal, role: Role = Role.DESK, **who: str) -> tuple[StaffMember, pyotp.TOTP]:
    """Return somebody who works here, and their app."""
    token = invite(portal, role, **who).token
    member = join(portal, token)
    assert isinstance(member, StaffMember), member
    return member, app_of(portal, token)
