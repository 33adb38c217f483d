"""Say what the files of OneRoster 1.2 look like where they differ from 1.1, and read their rows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from portal.sis.changes import GoneRecord, PersonRecord
from portal.sis.source import MARKS, PEOPLE, Kind, Record
from portal.sis.sources import oneroster_files
from portal.sis.sources.oneroster_files import Format, assignment, form, score
from portal.sis.sources.oneroster_people import person
from portal.sis.sources.oneroster_roles import NO_PRIMARY, Roles, kind_of
from portal.sis.sources.table import Row

SAME = {known.name: known for known in oneroster_files.FORMATS}
# Named in the manifest and never opened: nothing of it is for parents, and profiles hold passwords.
UNREAD = (
    *oneroster_files.UNREAD,
    "userProfiles",
    "userResources",
    "scoreScales",
    "lineItemScoreScales",
    "resultScoreScales",
    "lineItemLearningObjectiveIds",
    "resultLearningObjectiveIds",
)


@dataclass(frozen=True, slots=True)
class Users:
    """Read users.csv, whose roles stand in another file."""

    roles: Roles
    delta: bool

    def read(self, row: Row) -> Iterator[Record]:
        """Yield who somebody is, with the role and the schools that roles.csv gives them."""
        key = row.sourced_id("sourcedId")
        place = self.roles.claim(key, row.sourced_id("primaryOrgSourcedId", required=False))
        if place is not None:
            beside = [
                role for role in self.roles.others(key, place.role) if kind_of(role) != kind_of(place.role)
            ]
            if beside:
                text = f"roles.csv makes this user a {place.role} first, and only that is used"
                row.odd("sourcedId", f"{text}; not: {', '.join(sorted(beside))}")
            yield from person(row, place)
        elif self.delta and not self.roles.has(key):
            yield _unplaced(row, key)
        else:
            row.wrong("sourcedId", NO_PRIMARY)

    def remove(self, row: Row) -> Iterator[Record]:
        """Yield what takes a user away."""
        key = row.sourced_id("sourcedId")
        self.roles.forget(key)
        yield GoneRecord(row.origin, Kind.STUDENTS, key)


def _unplaced(row: Row, key: str) -> Record:
    return PersonRecord(
        row.origin,
        id=key,
        identifier=row.text("identifier"),
        given_name=row.text("givenName", required=True),
        middle_name=row.text("middleName"),
        family_name=row.text("familyName", required=True),
        grade=", ".join(row.items("grades")),
        email=row.text("email"),
        phone=row.text("phone"),
        sms=row.text("sms"),
        enabled=row.flag("enabledUser", required=True) is True,
        agents=row.sourced_ids("agentSourcedIds"),
    )


def _assignment(row: Row) -> Iterator[Record]:
    return assignment(row, term="academicSessionSourcedId")


def _score(row: Row) -> Iterator[Record]:
    columns = {"late": "late", "missing": "missing", "incomplete": "incomplete", "in progress": "inProgress"}
    marks = tuple(mark for mark in MARKS if row.flag(columns[mark]))
    return score(row, text=row.text("textScore"), marks=marks)


def formats(roles: Roles, *, delta: bool) -> tuple[Format, ...]:
    """Return the formats in the order in which they are read: whatever is referred to comes first."""
    users = Users(roles, delta)
    of_users = form(
        "users",
        "enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,"
        "agentSourcedIds,grades,password,userMasterIdentifier,resourceSourcedIds,preferredGivenName,"
        "preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns",
        "schools=roles.csv/orgSourcedId contact=agentSourcedIds student=agentSourcedIds",
        users.read,
        *PEOPLE,
    )
    of_roles = form(
        "roles",
        "userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId",
        "",
        roles.read,
    )
    return (
        *(SAME[name] for name in ("orgs", "academicSessions", "courses", "classes")),
        replace(of_roles, remove=roles.end),
        replace(_without(of_users, "resourceSourcedIds"), remove=users.remove),
        SAME["enrollments"],
        _without(CATEGORIES, "weight"),
        _without(ASSIGNMENTS, "schoolSourcedId"),
        _without(SCORES, "classSourcedId"),
    )


def _without(known: Format, column: str) -> Format:
    """Let a column be there or not: the releases of 1.2 differ, and nothing of it is read."""
    return replace(known, layout=replace(known.layout, left_out=frozenset({column})))


CATEGORIES = form("categories", "title,weight", "", SAME["categories"].read, Kind.CATEGORIES)
ASSIGNMENTS = form(
    "lineItems",
    "title,description,assignDate,dueDate,classSourcedId,categorySourcedId,academicSessionSourcedId,"
    "resultValueMin,resultValueMax,schoolSourcedId",
    "section=classSourcedId category=categorySourcedId term=academicSessionSourcedId",
    _assignment,
    Kind.ASSIGNMENTS,
)
SCORES = form(
    "results",
    "lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment,textScore,classSourcedId,"
    "inProgress,incomplete,late,missing",
    "assignment=lineItemSourcedId student=studentSourcedId",
    _score,
    Kind.SCORES,
)
