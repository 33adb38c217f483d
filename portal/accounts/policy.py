"""Say everything that is wrong with a new password at once, always in the same order."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.accounts.blocklist import is_blocked
from portal.core.options import DistrictOptions, PasswordOptions
from portal.core.outcomes import Violation
from portal.core.secret import Secret

CURRENT_NOT_CORRECT = "current_not_correct"
TOO_SHORT = "too_short"
UPPER_AND_LOWER = "upper_and_lower"
LETTER_AND_NUMBER = "letter_and_number"
SPECIAL = "special"
VERIFICATION_MISMATCH = "verification_mismatch"
PREVIOUSLY_USED = "previously_used"
BLOCKLISTED = "blocklisted"
CHARACTERS = "characters"
# A parent reads all of them at once, always in this order.
ORDER = (
    CURRENT_NOT_CORRECT,
    TOO_SHORT,
    UPPER_AND_LOWER,
    LETTER_AND_NUMBER,
    SPECIAL,
    VERIFICATION_MISMATCH,
    PREVIOUSLY_USED,
    BLOCKLISTED,
    CHARACTERS,
)


@dataclass(frozen=True, slots=True)
class Owner:
    """Name whose password it is to be: none of these names may be it."""

    district: str
    username: str
    display_name: str


def composition(secret: Secret, options: PasswordOptions) -> list[Violation]:
    """Return the rules of the district that a normalised password breaks."""
    value = secret.value
    upper, lower = any(map(str.isupper, value)), any(map(str.islower, value))
    letter, number = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    special = any(not each.isalnum() and not each.isspace() for each in value)
    rules = (
        (len(value) >= options.min_length, Violation(TOO_SHORT, options.min_length)),
        (not options.upper_and_lower or (upper and lower), Violation(UPPER_AND_LOWER)),
        (not options.letter_and_number or (letter and number), Violation(LETTER_AND_NUMBER)),
        (not options.special or special, Violation(SPECIAL)),
    )
    return [violation for kept, violation in rules if not kept]


def broken_rules(new: Secret | None, owner: Owner, options: DistrictOptions) -> list[Violation]:
    """Return what is wrong with a new password by itself; None is one that cannot be normalised."""
    if new is None:
        return [Violation(CHARACTERS)]
    broken = composition(new, options.password)
    if is_blocked(new.value, _names(owner, options)):
        broken.append(Violation(BLOCKLISTED))
    return broken


def _names(owner: Owner, options: DistrictOptions) -> Sequence[str]:
    return (owner.district, options.name, owner.username, owner.display_name)
