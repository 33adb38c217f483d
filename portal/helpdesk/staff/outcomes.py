"""Define who acts at the help desk."""

from dataclasses import dataclass, field
from datetime import datetime

from portal.core.secret import Secret
from portal.helpdesk.staff.roles import MAY, Deed, Role


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Name who acts, as of this transaction; `schools` bound what a school administrator sees.

    It is looked up anew in every transaction that does something: a role that was lost is lost at once.
    """

    staff_id: str
    district: str
    name: str
    email: str = field(repr=False)
    role: Role
    schools: frozenset[str] = frozenset()

    def may(self, deed: Deed) -> bool:
        """Tell whether the role permits it."""
        return deed in MAY[self.role]

    @property
    def is_of_schools(self) -> bool:
        """Tell whether only the families of some schools are theirs to see."""
        return self.role is Role.SCHOOL_ADMINISTRATOR

    @property
    def by(self) -> str:
        """Return how the audit names them."""
        return f"staff:{self.staff_id}"


@dataclass(frozen=True, slots=True)
class NewStaff:
    """Describe whom to let work in a district; `schools` are those of a school administrator."""

    district: str
    email: str = field(repr=False)
    name: str = field(repr=False)
    role: Role
    schools: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StaffInvited:
    """Report an invitation; its token opens it once, until it is over."""

    staff_id: str
    token: Secret
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StaffListed:
    """Show one member of staff to whoever manages them; `invited_until` while they have not joined."""

    member: StaffMember
    version: int
    has_joined: bool
    passkeys: int
    created_at: datetime
    disabled_at: datetime | None
    last_sign_in_at: datetime | None
    invited_until: datetime | None


@dataclass(frozen=True, slots=True)
class StaffPlace:
    """Say what a member of staff is to be from now on; `version` is how they stood when it was decided."""

    staff_id: str
    version: int
    role: Role
    schools: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StaffChanged:
    """Report that a member of staff stands as it was asked."""

    staff_id: str


@dataclass(frozen=True, slots=True)
class PasswordRight:
    """Report that the password was right and the second factor is asked for now."""

    staff_id: str


@dataclass(frozen=True, slots=True)
class SignInChanged:
    """Report that somebody changed what they sign in with."""

    staff_id: str
