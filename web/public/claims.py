"""Read the students to link from a form: one group of fields for each, numbered from 1."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

from portal.accounts.fields import MOST_STUDENTS
from portal.accounts.outcomes import StudentClaim
from portal.accounts.relationships import RELATIONSHIPS
from portal.core.outcomes import Violation
from web.public.forms import Form, Problem
from web.words import Words

_NAME = "student_name"
_REQUIRED = ("access_id", "access_password", "relationship")
FIELDS = (_NAME, *_REQUIRED)
ADD = "add_student"
GROUPS = "groups"
# What is wrong with a pair is said of the whole group: which half of it does not fit stays unsaid.
_GROUP = "students"


@dataclass(frozen=True, slots=True)
class StudentGroups:
    """Tell how many groups the form showed, and which of them were filled in."""

    shown: int
    filled: tuple[int, ...]

    @classmethod
    def of(cls, form: Form) -> Self:
        """Read the numbers of the groups; empty ones are skipped, but for the first where all are."""
        typed = form.text(GROUPS)
        last = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 2 else 1
        shown = min(max(last, 1), MOST_STUDENTS)
        numbers = range(1, shown + 1)
        filled = tuple(n for n in numbers if any(form.text(f"{name}_{n}") for name in FIELDS))
        return cls(shown, filled or (1,))

    def problems(self, form: Form) -> list[Problem]:
        """Return what is wrong with the fields of the filled groups before the portal is asked.

        A name may be missing: the portal shows the school's own, whatever was typed.
        """
        required = [f"{name}_{number}" for number in self.filled for name in _REQUIRED]
        return form.problems(*required, optional=[f"{_NAME}_{number}" for number in self.filled])

    def claims(self, form: Form) -> tuple[StudentClaim, ...]:
        """Return the students of the filled groups."""
        return tuple(
            StudentClaim(
                name=form.text(f"{_NAME}_{number}"),
                access_id=form.text(f"access_id_{number}"),
                access_password=form.secret(f"access_password_{number}"),
                relationship=form.text(f"relationship_{number}"),
            )
            for number in self.filled
        )

    def said(self, violations: Iterable[Violation]) -> list[Problem]:
        """Return the portal's violations as problems of the groups on the page."""
        return [Problem.of(self._placed(each)) for each in violations]

    def _placed(self, violation: Violation) -> Violation:
        if violation.row is None:
            # A form without any student is said of the first group.
            return replace(violation, row=1) if violation.field == _GROUP else violation
        field = violation.field if violation.field in FIELDS else _GROUP
        number = self.filled[violation.row - 1] if violation.row <= len(self.filled) else violation.row
        return replace(violation, field=field, row=number)


def group_values(words: Words, shown: int = 1) -> dict[str, Any]:
    """Return what the groups of a form need: how many are shown, and the menu of relationships."""
    return {
        "shown": shown,
        "most": MOST_STUDENTS,
        "relations": [(key, words(f"relation_{key}")) for key in RELATIONSHIPS],
        "was_added": False,
    }
