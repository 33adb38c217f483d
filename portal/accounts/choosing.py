"""Take a new password as it was typed twice, and say everything that is wrong with it."""

from dataclasses import dataclass
from typing import Self

from portal.accounts.passwords import Hasher, fits, normalised
from portal.accounts.policy import ORDER, PREVIOUSLY_USED, VERIFICATION_MISMATCH, Owner, broken_rules
from portal.core.options import DistrictOptions
from portal.core.outcomes import Violation
from portal.core.secret import Secret


@dataclass(frozen=True, slots=True)
class Choice:
    """Hold a new password, normalised; None is one that cannot be normalised."""

    new: Secret | None
    differs: bool

    @classmethod
    def of(cls, new: Secret, again: Secret) -> Self | None:
        """Read what was typed, or return None when it is too long to be looked at at all."""
        if not fits(new) or not fits(again):
            return None
        # An empty field is a password that is too short, and is answered as such.
        first, second = (normalised(each) if each.value else each for each in (new, again))
        # Two that cannot be normalised are compared as they were typed.
        differs = new != again if first is None and second is None else first != second
        return cls(first, differs)

    def violations(self, owner: Owner, options: DistrictOptions) -> list[Violation]:
        """Return what is wrong with it by itself, in the order in which parents read it."""
        broken = broken_rules(self.new, owner, options)
        if self.differs:
            broken.append(Violation(VERIFICATION_MISMATCH))
        return in_order(broken)

    def was_used(self, hasher: Hasher, earlier: tuple[str, ...]) -> list[Violation]:
        """Compare it with earlier ones; each comparison costs a verification."""
        new = self.new
        used = new is not None and any(hasher.verify(stored, new) for stored in earlier)
        return [Violation(PREVIOUSLY_USED)] if used else []


def in_order(violations: list[Violation]) -> list[Violation]:
    """Return violations in the order in which parents read them."""
    return sorted(violations, key=lambda each: ORDER.index(each.key))
