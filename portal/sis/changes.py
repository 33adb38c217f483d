"""Define the records that only a set of changes holds, where a file may say half of what is known.

OneRoster 1.2 says in one file who somebody is and in another what they do where. Either may change
alone; the other half then stays as the district has it.
"""

from dataclasses import dataclass

from portal.sis.source import Kind, Record


@dataclass(frozen=True, slots=True)
class GoneRecord(Record):
    """Take a row away; people are all of one kind here, since their ids are unique among them."""

    of: Kind
    id: str


@dataclass(frozen=True, slots=True)
class PersonRecord(Record):
    """Change who somebody is, and leave what they do and where as it stands."""

    id: str
    identifier: str
    given_name: str
    middle_name: str
    family_name: str
    grade: str
    email: str
    phone: str
    sms: str
    enabled: bool
    agents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceRecord(Record):
    """Change what somebody does and where, and leave who they are as it stands."""

    of: Kind
    person: str
    role: str
    schools: tuple[str, ...]
