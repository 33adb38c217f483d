"""Let the families of the school known by heart choose among nine classes for next year."""

from pathlib import Path

from portal.records.course_requests import CourseRequests
from portal.transaction import Portal
from tests.flows.school import write_school
from tests.support.portals import sign_in

COURSES = {
    "CA2": ("Algebra II", "CA", "", ""),
    "CB": ("Biology", "", "", ""),
    "CC": ("Chemistry", "", "", ""),
    "CF1": ("French 1", "", "", ""),
    "CF2": ("French 2", "", "", ""),
    "CJ": ("Jazz Band", "", "", "1"),
    "CP": ("Physics", "CC", "", ""),
    "CS": ("Studio Art", "", "", ""),
    "CT": ("Statistics", "", "11,12", ""),
}


def write_registration(folder: Path, *, opens: str = "2026-10-01", closes: str = "2026-11-30") -> Path:
    """Write the school with nine courses for next year, of which Maya has two requested."""
    write_school(folder)
    courses = [f"{key},,,Y27,{title},,09,O101,," for key, (title, *_) in COURSES.items()]
    with (folder / "courses.csv").open("a", encoding="utf-8") as file:
        file.write("\n".join(courses) + "\n")
    offered = [
        f'{key},2028,,"{grades}",{seats},{after}' for key, (_, after, grades, seats) in COURSES.items()
    ]
    head = "courseSourcedId,schoolYear,description,grades,seats,prerequisites"
    (folder / "x_course_offerings.csv").write_text("\n".join([head, *offered]) + "\n", encoding="utf-8")
    (folder / "x_registration_windows.csv").write_text(
        "schoolIdentifier,schoolYear,grade,opens,closes,leastCourses,mostCourses\n"
        f"101,2028,,{opens},{closes},3,4\n",
        encoding="utf-8",
    )
    (folder / "x_course_requests.csv").write_text(
        "studentIdentifier,courseSourcedId,schoolYear,status\n"
        "7001,CS,2028,requested\n7001,CF1,2028,approved\n7003,CJ,2028,requested\n",
        encoding="utf-8",
    )
    return folder


def requested(portal: Portal, username: str = "mlopez", child: str = "Leo") -> list[str]:
    """Return what the portal shows, looked at from elsewhere."""
    sign_in(portal, username)
    with portal.begin() as tx:
        shown = tx.registration.view("conversation", child)
    assert isinstance(shown, CourseRequests)
    return [line.course for line in shown.requests]
