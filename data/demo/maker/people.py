"""Describe the families of a district and give everyone the ids that the files use."""

import unicodedata
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Child:
    """Describe one student: the school is named by its place in the district's list."""

    given: str
    family: str
    school: int
    grade: int


@dataclass(frozen=True, slots=True)
class Adult:
    """Describe one contact.

    `relation` counts for every child of the family, or names one relation a child in their order
    ("" for a child who is not theirs). `situation` is None for a contact whom the demo does not use.
    """

    given: str
    family: str
    relation: str | tuple[str, ...] = "Mother"
    email: bool = True
    lives_with: bool = True
    portal_access: bool = True
    situation: str | None = None
    username: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """Join adults and children who belong together, in one home or in two."""

    adults: tuple[Adult, ...]
    children: tuple[Child, ...]


@dataclass(frozen=True, slots=True)
class School:
    """Describe one school; `catalog` names its courses, `days` its bells."""

    identifier: str
    name: str
    catalog: str
    grades: tuple[int, ...]
    address: str
    city: str
    postal_code: str
    phone: str
    first_bell: str


@dataclass(frozen=True, slots=True)
class District:
    """Describe one district before anything is drawn."""

    slug: str
    identifier: str
    name: str
    schools: tuple[School, ...]
    term_word: str
    area_codes: tuple[str, ...]
    families: tuple[Family, ...]
    fillers_with_account: int


@dataclass(frozen=True, slots=True)
class Student:
    """Carry one child with the ids of the files."""

    child: Child
    school: School
    identifier: str

    @property
    def sourced_id(self) -> str:
        """Return the OneRoster id."""
        return f"S-{self.identifier}"

    @property
    def name(self) -> str:
        """Return the full name, given name first."""
        return f"{self.child.given} {self.child.family}"


@dataclass(frozen=True, slots=True)
class Contact:
    """Carry one adult with the ids of the files and the children that are theirs."""

    adult: Adult
    identifier: str
    email: str
    phone: str
    relations: tuple[tuple[Student, str], ...]

    @property
    def sourced_id(self) -> str:
        """Return the OneRoster id."""
        return f"P-{self.identifier}"


@dataclass(frozen=True, slots=True)
class Roster:
    """Hold everybody of a district in the order of the families."""

    students: list[Student] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)


def plain(name: str) -> str:
    """Return the ASCII letters of a name in lower case."""
    folded = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("ø", "o").replace("ł", "l"))
    return "".join(letter for letter in folded.lower() if letter.isascii() and letter.isalpha())


def enrol(district: District, families: list[Family]) -> Roster:
    """Return the roster of these families with ids, e-mail addresses and telephone numbers."""
    roster = Roster()
    names: Counter[str] = Counter()
    for family in families:
        students = []
        for child in family.children:
            number = f"{district.identifier}{len(roster.students) * 7 + 1013:05d}"
            students.append(Student(child, district.schools[child.school], number))
            roster.students.append(students[-1])
        for adult in family.adults:
            roster.contacts.append(_contact(district, adult, students, len(roster.contacts), names))
    return roster


def _contact(
    district: District, adult: Adult, students: list[Student], place: int, names: Counter[str]
) -> Contact:
    name = f"{plain(adult.given)}.{plain(adult.family)}"
    names[name] += 1
    again = str(names[name]) if names[name] > 1 else ""
    relations = adult.relation if isinstance(adult.relation, tuple) else (adult.relation,) * len(students)
    area = district.area_codes[place // 100]
    return Contact(
        adult=adult,
        identifier=f"{district.identifier}{place * 3 + 70011:05d}",
        # The domains are reserved for examples, the numbers for fiction: neither can reach anybody.
        email=f"{name}{again}@mailbox.example" if adult.email else "",
        phone=f"({area}) 555-01{place % 100:02d}",
        relations=tuple((s, r) for s, r in zip(students, relations, strict=True) if r),
    )
