"""Write a district's people, classes and marks as OneRoster 1.1 files with side files."""

import csv
from collections.abc import Iterable
from pathlib import Path

from maker import pages, registration
from maker.attendance import AttendanceEvent, attendance
from maker.classes import SchoolClass, Teacher, catalog, lesson_times, open_classes
from maker.grades import Assignment, Result, TermGrade, assignments, results, term_grades
from maker.people import Contact, District, Roster, School, Student
from maker.terms import TERMS, YEAR, YEAR_ENDS, YEAR_STARTS

Row = tuple[str, ...]
ONE_ROSTER = (
    "academicSessions", "categories", "classes", "classResources", "courses", "courseResources",
    "demographics", "enrollments", "lineItems", "orgs", "resources", "results", "users",
)  # fmt: skip
HEADERS = {
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,"
    "parentSourcedId,schoolYear",
    "categories": "sourcedId,status,dateLastModified,title",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
    "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
    "courses": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,"
    "subjects,subjectCodes",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,"
    "primary,beginDate,endDate",
    "lineItems": "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,classSourcedId,"
    "categorySourcedId,gradingPeriodSourcedId,resultValueMin,resultValueMax",
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "results": "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,"
    "scoreDate,comment",
    "users": "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,"
    "familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password",
    "manifest": "propertyName,value",
    "x_relationships": "parentIdentifier,studentIdentifier,relation,primaryContact,livesWith,"
    "emergencyContact,legalGuardian",
    "x_portal_access": "parentIdentifier,studentIdentifier,portalAccess,receivesEmail",
    "x_attendance": "studentIdentifier,schoolId,date,category,reason,sectionIdentifier,arrivalTime",
    "x_term_grades": "studentIdentifier,classSourcedId,termSourcedId,letter,percent,final,comment",
    "x_schools": "schoolId,address,city,postalCode,phone,fax,email,hours,mapUrl",
    "x_meetings": "classSourcedId,weekday,period,startTime,endTime,room,teacher",
    "x_test_results": "studentIdentifier,date,test,subject,score,maxScore,level",
    "x_transactions": "studentIdentifier,date,account,description,amount",
    "x_bulletins": "schoolId,date,title,text",
    "x_events": "schoolId,date,title",
    "x_course_requests": "studentIdentifier,courseSourcedId,schoolYear,status",
    "x_registration_windows": "schoolIdentifier,schoolYear,grade,opens,closes,leastCourses,mostCourses",
    "x_course_offerings": "courseSourcedId,schoolYear,description,grades,seats,prerequisites",
}


def write(folder: Path, name: str, rows: Iterable[Row]) -> None:
    """Write one file with its header; OneRoster's rows get their blank status and date here."""
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADERS[name].split(","))
        bulk = name in ONE_ROSTER
        writer.writerows((row[0], "", "", *row[1:]) if bulk else row for row in rows)


def write_district(folder: Path, district: District, roster: Roster) -> None:
    """Write every file of the district."""
    classes = open_classes(district, roster)
    _write_school_year(folder, district, classes)
    _write_people(folder, roster, classes)
    made = assignments(classes)
    drawn = results(made, district.slug)
    events = attendance(district.slug, roster, classes)
    kinds = sorted({a.kind for a in made})
    write(folder, "categories", ((f"CAT-{kind}", kind) for kind in kinds))
    write(folder, "lineItems", (_line_item(a) for a in made))
    write(folder, "results", (_result(r) for r in drawn))
    write(folder, "x_term_grades", (_term_grade(g) for g in term_grades(drawn, district.slug)))
    write(folder, "x_attendance", (_event(e) for e in events))
    write(folder, "x_test_results", pages.test_results(district.slug, roster))
    write(folder, "x_transactions", pages.transactions(district.slug, roster, events))
    write(folder, "x_bulletins", pages.bulletins(district))
    write(folder, "x_events", pages.events(district))
    requests = pages.course_requests(district, roster)
    write(folder, "x_course_requests", requests)
    write(folder, "x_registration_windows", registration.registration_windows(district))
    write(folder, "x_course_offerings", registration.course_offerings(district, requests))
    write(folder, "manifest", _manifest())


def _manifest() -> list[Row]:
    absent = {"classResources", "courseResources", "demographics", "resources"}
    files = [(f"file.{name}", "absent" if name in absent else "bulk") for name in ONE_ROSTER]
    source = [("source.systemName", "Hallpass demo"), ("source.systemCode", "hallpass-demo")]
    return [("manifest.version", "1.0"), ("oneroster.version", "1.1"), *files, *source]


def _write_school_year(folder: Path, district: District, classes: list[SchoolClass]) -> None:
    root = f"ORG-{district.identifier}"
    year = (YEAR, "School Year", "schoolYear", str(YEAR_STARTS), str(YEAR_ENDS), "", "2027")
    terms = [
        (t.sourced_id, f"{district.term_word} {t.number}", "term", str(t.start), str(t.end), YEAR, "2027")
        for t in TERMS
    ]
    write(folder, "academicSessions", [year, *terms])
    schools = [(_org(s), s.name, "school", s.identifier, root) for s in district.schools]
    write(folder, "orgs", [(root, district.name, "district", district.identifier, ""), *schools])
    courses = [c for s in district.schools for c in catalog(s)]
    write(
        folder,
        "courses",
        (
            (c.sourced_id, YEAR, c.title, c.code, _grade(c.grade), _org(c.school), c.subject, "")
            for c in courses
        ),
    )
    write(folder, "classes", (_class(c) for c in classes))
    write(folder, "x_meetings", (row for c in classes for row in _meetings(c)))
    write(folder, "x_schools", (_school(s) for s in district.schools))


def _write_people(folder: Path, roster: Roster, classes: list[SchoolClass]) -> None:
    teachers = list({c.teacher.identifier: c.teacher for c in classes}.values())
    users = [_student(s, roster.contacts) for s in roster.students]
    users += [_contact(c) for c in roster.contacts] + [_teacher(t) for t in teachers]
    write(folder, "users", users)
    write(folder, "enrollments", (row for c in classes for row in _enrollments(c)))
    write(folder, "x_relationships", (row for c in roster.contacts for row in _relationships(c)))
    write(folder, "x_portal_access", (row for c in roster.contacts for row in _access(c)))


def _org(school: School) -> str:
    return f"ORG-{school.identifier}"


def _grade(grade: int | None) -> str:
    return "" if grade is None else f"{grade:02d}"


def _flag(value: bool) -> str:  # noqa: FBT001  (it is the value to write)
    return "true" if value else "false"


def _school(school: School) -> Row:
    mail = f"office.{school.identifier}@schools.example"
    fax = school.phone[:-2] + str(int(school.phone[-2:]) + 5)
    place = (school.identifier, school.address, school.city, school.postal_code)
    return (*place, school.phone, fax, mail, "Monday to Friday, 7:30 a.m. to 3:30 p.m.", "")


def _class(own: SchoolClass) -> Row:
    course = own.course
    terms = ",".join(t.sourced_id for t in TERMS)
    where = (own.room, _org(course.school), terms, course.subject, "", str(own.period))
    return (
        own.sourced_id,
        course.title,
        _grade(course.grade),
        course.sourced_id,
        course.code,
        "scheduled",
        *where,
    )


def _meetings(own: SchoolClass) -> list[Row]:
    times = lesson_times(own.course.school, own.period)
    return [
        (own.sourced_id, str(day), str(own.period), *times, own.room, own.teacher.name) for day in range(1, 6)
    ]


def _enrollments(own: SchoolClass) -> list[Row]:
    school = _org(own.course.school)
    ends = (str(YEAR_STARTS), str(YEAR_ENDS))
    rows = [(f"E-{own.teacher.identifier}-{own.sourced_id}", own.teacher.sourced_id, "teacher", "true")]
    rows += [(f"E-{s.identifier}-{own.sourced_id}", s.sourced_id, "student", "") for s in own.students]
    return [(key, own.sourced_id, school, user, role, primary, *ends) for key, user, role, primary in rows]


def _student(student: Student, contacts: list[Contact]) -> Row:
    child = student.child
    agents = ",".join(c.sourced_id for c in contacts if any(s is student for s, _ in c.relations))
    names = (f"s{student.identifier}", "", child.given, child.family, "", student.identifier)
    return (student.sourced_id, "true", _org(student.school), "student", *names, "", "", "", agents,
            _grade(child.grade), "")  # fmt: skip


def _contact(contact: Contact) -> Row:
    orgs = ",".join(sorted({_org(s.school) for s, _ in contact.relations}))
    role = "parent" if contact.adult.relation != "Grandmother" else "guardian"
    names = (f"p{contact.identifier}", "", contact.adult.given, contact.adult.family, "", contact.identifier)
    agents = ",".join(s.sourced_id for s, _ in contact.relations)
    reach = (contact.email, "", contact.phone)
    return (contact.sourced_id, "true", orgs, role, *names, *reach, agents, "", "")


def _teacher(teacher: Teacher) -> Row:
    names = (f"t{teacher.identifier}", "", teacher.given, teacher.family, "", teacher.identifier)
    return (
        teacher.sourced_id,
        "true",
        _org(teacher.school),
        "teacher",
        *names,
        teacher.email,
        "",
        "",
        "",
        "",
        "",
    )


def _relationships(contact: Contact) -> list[Row]:
    lives, guardian = _flag(contact.adult.lives_with), _flag(contact.adult.portal_access)
    return [
        (contact.identifier, s.identifier, relation, lives, lives, guardian, guardian)
        for s, relation in contact.relations
    ]


def _access(contact: Contact) -> list[Row]:
    flags = (_flag(contact.adult.portal_access), _flag(bool(contact.email) and contact.adult.portal_access))
    return [(contact.identifier, s.identifier, *flags) for s, _ in contact.relations]


def _line_item(made: Assignment) -> Row:
    when = (str(made.assigned), str(made.due))
    where = (made.school_class.sourced_id, f"CAT-{made.kind}", made.term.sourced_id)
    return (made.sourced_id, made.title, "", *when, *where, "0", str(made.points))


def _result(result: Result) -> Row:
    item = result.assignment.sourced_id
    key = f"R-{item.removeprefix('LI-')}-{result.student.identifier}"
    got = (result.status, str(result.points), str(result.on), result.comment)
    return (key, item, result.student.sourced_id, *got)


def _term_grade(grade: TermGrade) -> Row:
    where = (grade.student.identifier, grade.school_class.sourced_id, grade.term.sourced_id)
    return (*where, grade.letter, str(grade.percent), _flag(grade.final), grade.comment)


def _event(event: AttendanceEvent) -> Row:
    section = event.school_class.sourced_id if event.school_class else ""
    what = (str(event.on), event.category, event.reason, section, event.arrival)
    return (event.student.identifier, event.student.school.identifier, *what)
