"""Make up who works at the help desk of a demo district, one for each role."""

import base64
from typing import Any

from maker.fillers import seeded
from maker.parents import WORDS

PEOPLE = {
    "westborough": (
        ("Dana Whitlock", "desk"),
        ("Joan Keller", "school_administrator"),
        ("Martin Osei", "district_administrator"),
        ("Helen Brandt", "auditor"),
    ),
    "boston": (
        ("Rosa Delgado", "desk"),
        ("Minh Tran", "school_administrator"),
        ("Denise Carter", "district_administrator"),
        ("Owen Fitzgerald", "auditor"),
    ),
}


def staff(slug: str, first_school: str) -> list[dict[str, Any]]:
    """Return one entry for each; the school administrator has the district's first school."""
    fake = seeded(f"staff of {slug}")
    return [_entry(slug, name, role, first_school, fake) for name, role in PEOPLE[slug]]


def _entry(slug: str, name: str, role: str, first_school: str, fake: Any) -> dict[str, Any]:
    words = fake.random.sample(WORDS, 3)
    return {
        "name": name,
        "email": f"{name.split(maxsplit=1)[0].lower()}@{slug}.example",
        "role": role,
        "schools": [first_school] if role == "school_administrator" else [],
        "password": f"{words[0]}-{words[1]}-{fake.random.randint(23, 98)}-{words[2]}",
        "totp_secret": base64.b32encode(fake.random.randbytes(20)).decode(),
    }
