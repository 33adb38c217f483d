"""Let tests parse as one parent of two children does, on one Thursday in October."""

from collections.abc import Callable
from datetime import date

import pytest

from bot.conversation.understanding import Names, Parse, Understanding
from tests.support.trained import trained

TODAY = date(2026, 10, 15)
NAMES = Names(
    students=("Maya", "Maya Lopez", "José", "José O'Brien", "Will", "Will O'Brien"),
    courses=(
        "Algebra 1",
        "English 7",
        "Biology",
        "United States History",
        "Physical Education",
        "Spanish II",
    ),
    terms=("Quarter 1", "Quarter 2", "Semester 1", "2026-2027 Fall Semester"),
    districts=("westborough", "Boston Public Schools"),
)
Read = Callable[[str], Parse]


@pytest.fixture(scope="session")
def understanding() -> Understanding:
    return trained()


@pytest.fixture(scope="session")
def read(understanding: Understanding) -> Read:
    return lambda text: understanding.parse(text, names=NAMES, today=TODAY)
