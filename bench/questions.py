"""List what a signed-in parent can ask: of the portal, in words, and as a file to look at."""

from collections.abc import Callable

from portal.records.answers import Question
from portal.transaction import Transaction

Answer = Callable[[Transaction, str, Question], object]

ANSWERS: dict[str, Answer] = {
    "students": lambda tx, key, _: tx.records.students(key),
    "names": lambda tx, key, _: tx.records.names(key),
    "grades": lambda tx, key, question: tx.records.grades(key, question),
    "assignments": lambda tx, key, question: tx.records.assignments(key, question),
    "attendance": lambda tx, key, question: tx.records.attendance(key, question),
    "attendance_history": lambda tx, key, question: tx.records.attendance_history(key, question),
    "grade_trend": lambda tx, key, question: tx.records.grade_trend(key, question),
    "attendance_calendar": lambda tx, key, question: tx.records.attendance_calendar(key, question),
    "grades_compared": lambda tx, key, question: tx.records.grades_compared(key, question),
    "attendance_compared": lambda tx, key, question: tx.records.attendance_compared(key, question),
    "grades_history": lambda tx, key, question: tx.records.grades_history(key, question),
    "test_results": lambda tx, key, question: tx.records.test_results(key, question),
    "teacher_comments": lambda tx, key, question: tx.records.teacher_comments(key, question),
    "school_bulletin": lambda tx, key, question: tx.records.school_bulletin(key, question),
    "balance": lambda tx, key, question: tx.records.balance(key, question),
    "schedule": lambda tx, key, question: tx.records.schedule(key, question),
    "school_information": lambda tx, key, question: tx.records.school_information(key, question),
}
# Each is said with the first name of a child.
TURNS = {
    "ask_grades": "what are {}'s grades",
    "ask_assignments": "what is {} missing",
    "ask_attendance": "how many days was {} absent this term",
    "ask_attendance_history": "show me {}'s attendance history",
    "ask_grades_history": "what were {}'s grades last term",
    "grade trend": "show me a graph of {}'s grades",
    "attendance calendar": "show me {}'s attendance as a calendar",
    "ask_test_results": "{}'s test results",
    "ask_teacher_comments": "what did the teachers say about {}",
    "ask_school_bulletin": "what is in the school bulletin for {}",
    "ask_balance": "what is {}'s lunch balance",
    "ask_schedule": "what is {}'s schedule today",
    "ask_school_information": "what is the phone number of {}'s school",
    "register_classes": "which classes are requested for {} for next year",
    "set_email_notifications": "which e-mails do I get about {}",
    "subscribe_calendar": "which calendars of {} do I have",
    "download_my_data": "download my data",
    "print_page": "print {}'s grades",
    "open_application": "which applications are there",
    "comparison": "are {}'s grades better than last term",
    "why": "where does that come from",
    "ask_last_sign_in": "when did I last sign in",
    "switch_student": "switch to {}",
}
# The kinds of files, each with what it is of.
FILES: dict[str, dict[str, str]] = {
    "grade_trend": {},
    "attendance_calendar": {},
    "page grades": {"page": "grades"},
    "my_data": {},
}
