"""Every column of every side file arrives where it is read from."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from portal.sis import models
from portal.sis.identity import row_id
from portal.sis.source import Kind
from portal.transaction import Portal
from tests.support.rosters import Import, small_roster

SCHOOL = row_id("westborough", "schools", "HS")
STUDENT = row_id("westborough", "people", "S1")
PARENT = row_id("westborough", "people", "P1")
SECTION = row_id("westborough", "sections", "ALG")
OWN = {"district_id", "id", "digest", "retired_at"}


def kept(portal: Portal, model: type[models.SisRow]) -> list[dict[str, object]]:
    with portal.begin(read_only=True) as tx:
        found = tx.session.scalars(select(model).order_by(model.id)).all()
    names = [column.name for column in model.__table__.columns if column.name not in OWN]
    return [{name: getattr(row, name) for name in names} for row in found]


def test_relationship_is_kept(portal: Portal, run: Import) -> None:
    roster = small_roster().drop("users", sourcedId="S2").drop("enrollments", userSourcedId="S2")
    roster.rows["users"][1]["agentSourcedIds"] = "S1"
    roster.add(
        "x_relationships",
        parentIdentifier="NP1",
        studentIdentifier="NS1",
        relation="Grandmother",
        primaryContact="true",
        livesWith="FALSE",
        emergencyContact="",
        legalGuardian="true",
    )

    run(roster)

    assert kept(portal, models.Relationship) == [
        {
            "contact_id": PARENT,
            "student_id": STUDENT,
            "relation": "Grandmother",
            "primary_contact": True,
            "lives_with": False,
            "emergency_contact": None,
            "legal_guardian": True,
            "stated_by": ["contact", "detail"],
        }
    ]


def test_portal_access_is_kept(portal: Portal, run: Import) -> None:
    roster = small_roster().add(
        "x_portal_access",
        parentIdentifier="NP1",
        studentIdentifier="NS1",
        portalAccess="false",
        receivesEmail="true",
    )

    run(roster)

    assert kept(portal, models.PortalAccess) == [
        {"contact_id": PARENT, "student_id": STUDENT, "allowed": False, "receives_email": True}
    ]


def test_term_grade_is_kept(portal: Portal, run: Import) -> None:
    run(small_roster().grade("NS1", "ALG", "B+", percent="88.50", comment="Keep going, Maya!"))

    assert kept(portal, models.TermGrade) == [
        {
            "student_id": STUDENT,
            "section_id": SECTION,
            "term_id": row_id("westborough", "terms", "FALL"),
            "letter": "B+",
            "percent": Decimal("88.50"),
            "final": False,
            "comment": "Keep going, Maya!",
        }
    ]


def test_attendance_is_kept_even_where_a_row_repeats(portal: Portal, run: Import) -> None:
    roster = small_roster()
    for _ in range(2):
        roster.absence(
            "NS1", "2026-09-09", "Tardy", reason="Bus", sectionIdentifier="ALG", arrivalTime="08:20:30"
        )

    done = run(roster)

    assert done.counts[Kind.ATTENDANCE].added == 2
    assert run(roster).counts[Kind.ATTENDANCE].unchanged == 2
    assert kept(portal, models.AttendanceEvent)[0] == {
        "student_id": STUDENT,
        "school_id": SCHOOL,
        "section_id": SECTION,
        "day": date(2026, 9, 9),
        "category": "Tardy",
        "reason": "Bus",
        "arrival": "08:20",
    }


def test_school_details_are_kept_by_identifier_or_source_id(portal: Portal, run: Import) -> None:
    roster = small_roster().add(
        "x_schools",
        schoolId="100",
        address="1 Main St",
        city="Westborough",
        postalCode="01581",
        phone="(508) 555-0100",
        fax="(508) 555-0101",
        email="office@example.org",
        hours="Mon-Fri 7:30-15:30",
        mapUrl="https://example.org/map.png",
    )
    roster.add("x_schools", schoolId="MS", city="Westborough")

    run(roster)

    found = {each["school_id"]: each for each in kept(portal, models.SchoolDetails)}
    assert found[SCHOOL] == {
        "school_id": SCHOOL,
        "address": "1 Main St",
        "city": "Westborough",
        "postal_code": "01581",
        "phone": "(508) 555-0100",
        "fax": "(508) 555-0101",
        "email": "office@example.org",
        "hours": "Mon-Fri 7:30-15:30",
        "map_url": "https://example.org/map.png",
    }
    assert row_id("westborough", "schools", "MS") in found


def test_meeting_is_kept(portal: Portal, run: Import) -> None:
    run(
        small_roster().add(
            "x_meetings",
            classSourcedId="ALG",
            weekday="3",
            period="2",
            startTime="08:15",
            endTime="09:00",
            room="B12",
            teacher="R. Kline",
        )
    )

    assert kept(portal, models.Meeting) == [
        {
            "section_id": SECTION,
            "weekday": 3,
            "period": "2",
            "start": "08:15",
            "end": "09:00",
            "room": "B12",
            "teacher": "R. Kline",
        }
    ]


def test_test_result_is_kept(portal: Portal, run: Import) -> None:
    run(
        small_roster().add(
            "x_test_results",
            studentIdentifier="NS1",
            date="2026-09-30",
            test="MCAS",
            subject="Mathematics",
            score="512",
            maxScore="560",
            level="Meeting Expectations",
        )
    )

    assert kept(portal, models.TestResult) == [
        {
            "student_id": STUDENT,
            "day": date(2026, 9, 30),
            "test": "MCAS",
            "subject": "Mathematics",
            "score": Decimal(512),
            "maximum": Decimal(560),
            "level": "Meeting Expectations",
        }
    ]


def test_two_like_lunches_on_one_day_are_two_entries(portal: Portal, run: Import) -> None:
    lunch = {"studentIdentifier": "NS1", "date": "2026-09-30", "account": "lunch", "description": "Milk"}
    roster = small_roster().add("x_transactions", **lunch, amount="-0.75")
    roster.add("x_transactions", **lunch, amount="-0.75")

    run(roster)

    assert kept(portal, models.MoneyEntry) == 2 * [
        {
            "student_id": STUDENT,
            "day": date(2026, 9, 30),
            "account": "lunch",
            "description": "Milk",
            "amount": Decimal("-0.75"),
        }
    ]


def test_bulletin_and_event_are_kept(portal: Portal, run: Import) -> None:
    roster = small_roster().add(
        "x_bulletins", schoolId="100", date="2026-10-01", title="Picture day", text="Smile.\n- Bring a form."
    )
    roster.add("x_events", schoolId="100", date="2026-11-11", title="No school")

    run(roster)

    assert kept(portal, models.Bulletin) == [
        {
            "school_id": SCHOOL,
            "day": date(2026, 10, 1),
            "title": "Picture day",
            "text": "Smile.\n- Bring a form.",
        }
    ]
    assert kept(portal, models.SchoolEvent) == [
        {"school_id": SCHOOL, "day": date(2026, 11, 11), "title": "No school"}
    ]


def test_course_request_is_kept(portal: Portal, run: Import) -> None:
    run(
        small_roster().add(
            "x_course_requests",
            studentIdentifier="NS1",
            courseSourcedId="C-BIO",
            schoolYear="2028",
            status="requested",
        )
    )

    assert kept(portal, models.CourseRequest) == [
        {
            "student_id": STUDENT,
            "course_id": row_id("westborough", "courses", "C-BIO"),
            "school_year": "2028",
            "status": "requested",
        }
    ]


def test_assignments_and_scores_are_kept(portal: Portal, run: Import) -> None:
    roster = small_roster().add("categories", sourcedId="HW", title="Homework")
    roster.add(
        "lineItems",
        sourcedId="L1",
        title="Set 1",
        description="Odd ones",
        assignDate="2026-09-08",
        dueDate="2026-09-10",
        classSourcedId="ALG",
        categorySourcedId="HW",
        gradingPeriodSourcedId="FALL",
        resultValueMin="0",
        resultValueMax="20",
    )
    roster.add(
        "results",
        sourcedId="R1",
        lineItemSourcedId="L1",
        studentSourcedId="S1",
        scoreStatus="fully graded",
        score="17.5",
        scoreDate="2026-09-11",
        comment="Neat",
    )

    run(roster)

    assert kept(portal, models.Category) == [{"title": "Homework"}]
    assert kept(portal, models.Assignment) == [
        {
            "title": "Set 1",
            "description": "Odd ones",
            "assigned": date(2026, 9, 8),
            "due": date(2026, 9, 10),
            "section_id": SECTION,
            "category_id": row_id("westborough", "categories", "HW"),
            "term_id": row_id("westborough", "terms", "FALL"),
            "minimum": Decimal(0),
            "maximum": Decimal(20),
        }
    ]
    assert kept(portal, models.Score) == [
        {
            "assignment_id": row_id("westborough", "assignments", "L1"),
            "student_id": STUDENT,
            "status": "fully graded",
            "score": Decimal("17.5"),
            "day": date(2026, 9, 11),
            "comment": "Neat",
            "text": "",
            "marks": [],
        }
    ]


def test_roster_rows_are_kept(portal: Portal, run: Import) -> None:
    run(small_roster().change("users", 2, middleName="Rose"))

    student = next(each for each in kept(portal, models.Student) if each["source_id"] == "S1")
    section = next(each for each in kept(portal, models.Section) if each["title"] == "BIO")
    teacher = kept(portal, models.Staff)
    assert student == {
        "source_id": "S1",
        "identifier": "NS1",
        "given_name": "Maya",
        "middle_name": "Rose",
        "family_name": "López",
        "grade": "09",
        "school_id": SCHOOL,
        "school_ids": [SCHOOL],
        "enabled": True,
    }
    assert section["periods"] == ["03 - Traditional"]
    assert section["term_ids"] == [
        row_id("westborough", "terms", term) for term in ("FALL", "SPRING", "SPRING-26")
    ]
    assert [(each["given_name"], each["role"]) for each in teacher] == [("Ruth", "teacher")]


def test_school_teaches_in_the_terms_around_and_within_those_of_its_classes(
    portal: Portal, run: Import
) -> None:
    roster = small_roster().add(
        "academicSessions",
        sourcedId="Q1",
        title="Quarter 1",
        type="gradingPeriod",
        startDate="2026-08-31",
        endDate="2026-11-06",
        parentSourcedId="FALL",
        schoolYear="2027",
    )

    run(roster)

    pairs = {(each["school_id"], each["term_id"]) for each in kept(portal, models.SchoolTerm)}
    assert pairs == {
        (SCHOOL, row_id("westborough", "terms", term)) for term in ("SY", "FALL", "SPRING", "SPRING-26", "Q1")
    }


def test_registration_windows_and_course_offerings_are_kept(portal: Portal, run: Import) -> None:
    roster = small_roster().add(
        "x_registration_windows",
        schoolIdentifier="100",
        schoolYear="2028",
        grade="09",
        opens="2026-10-01",
        closes="2026-11-30",
        leastCourses="1",
        mostCourses="6",
    )
    roster.add("x_registration_windows", schoolIdentifier="200", schoolYear="2028", opens="2026-10-01",
               closes="2026-10-01")  # fmt: skip
    roster.add(
        "x_course_offerings",
        courseSourcedId="C-BIO",
        schoolYear="2028",
        description="Life, from cells on",
        grades="09,10",
        seats="24",
        prerequisites="C-ALG",
    )

    run(roster)

    windows = {each["school_id"]: each for each in kept(portal, models.RegistrationWindow)}
    assert windows[SCHOOL] == {
        "school_id": SCHOOL,
        "school_year": "2028",
        "grade": "09",
        "opens": date(2026, 10, 1),
        "closes": date(2026, 11, 30),
        "least_courses": 1,
        "most_courses": 6,
    }
    other = windows[row_id("westborough", "schools", "MS")]
    assert (other["grade"], other["least_courses"], other["most_courses"]) == ("", None, None)
    assert kept(portal, models.CourseOffering) == [
        {
            "course_id": row_id("westborough", "courses", "C-BIO"),
            "source_id": "C-BIO",
            "school_year": "2028",
            "description": "Life, from cells on",
            "grades": ["09", "10"],
            "seats": 24,
            "prerequisite_ids": [row_id("westborough", "courses", "C-ALG")],
        }
    ]
