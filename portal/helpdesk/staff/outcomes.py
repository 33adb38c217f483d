"""Define who acts at the help desk."""

from dataclasses import dataclass, field

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
