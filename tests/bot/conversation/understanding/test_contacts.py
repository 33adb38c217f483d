"""Find what parents say of themselves: names, addresses, Access IDs, relationships."""

from datetime import date

import pytest

from bot.conversation.understanding import Understanding
from tests.support.trained import trained

TODAY = date(2026, 10, 15)


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return trained()


def found(understanding: Understanding, text: str, name: str) -> list[object]:
    parse = understanding.parse(text, today=TODAY)
    return [entity.value for entity in parse.entities if entity.name == name]


@pytest.mark.parametrize(
    ("said", "email"),
    [
        ("ana@mailbox.example", "ana@mailbox.example"),
        ("my email is Ana.Ruiz+school@mailbox.example.", "Ana.Ruiz+school@mailbox.example"),
        ("it is ana at mailbox dot org", "ana@mailbox.org"),
        ("write to josé@correo.example, please", "josé@correo.example"),
    ],
)
def test_an_address_is_found_as_typed_or_spoken(understanding: Understanding, said: str, email: str) -> None:
    assert found(understanding, said, "email") == [email]


@pytest.mark.parametrize("said", ["ana@", "meet me @ noon", "an email address"])
def test_what_is_no_address_is_none(understanding: Understanding, said: str) -> None:
    assert found(understanding, said, "email") == []


@pytest.mark.requirement("R60")
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("7KQM4RTX", "7KQM4RTX"),
        ("7kqm-4rtx", "7KQM4RTX"),
        ("7KQM 4RTX", "7KQM4RTX"),
        ("the access id is QWERTYPX", "QWERTYPX"),
        ("my access id is 12-345", "12345"),
        ("link my son, access id 9ACD4GHJ", "9ACD4GHJ"),
        ("PQRTWXYM", "PQRTWXYM"),
    ],
)
def test_an_access_id_is_found_without_its_spaces_and_hyphens(
    understanding: Understanding, said: str, code: str
) -> None:
    assert found(understanding, said, "access_id") == [code]


@pytest.mark.parametrize(
    "said",
    [
        "what is an access id and password",
        "my access id is not accepted",
        "ABC-DEF-GHJ-KMN-PQR-TWX",
        "grade 9 math",
        "day 4 math",
        "my access id doesnt work",
    ],
)
def test_what_is_no_access_id_is_none(understanding: Understanding, said: str) -> None:
    assert found(understanding, said, "access_id") == []


@pytest.mark.requirement("R62")
@pytest.mark.parametrize(
    ("said", "relationship"),
    [
        ("Mother", "mother"),
        ("mom", "mother"),
        ("I'm her step dad", "stepfather"),
        ("his grandma", "grandmother"),
        ("I am the legal guardian of Maya", "legal_guardian"),
        ("foster mom", "foster_parent"),
        ("something else", "other"),
    ],
)
def test_how_the_parent_is_related_is_found(
    understanding: Understanding, said: str, relationship: str
) -> None:
    assert found(understanding, said, "relationship") == [relationship]


@pytest.mark.parametrize("said", ["my mother wants an account too", "his teacher", "does my wife need one"])
def test_a_relative_of_the_parent_is_no_relationship(understanding: Understanding, said: str) -> None:
    assert found(understanding, said, "relationship") == []


@pytest.mark.parametrize(
    ("said", "name", "value"),
    [
        ("my name is Ana Ruiz", "person", "Ana Ruiz"),
        ("I'm Siobhan O'Quigley and I need an account", "person", "Siobhan O'Quigley"),
        ("no, my last name is Garcia", "last_name", "Garcia"),
        ("my first name is Ana, last name Ruiz", "first_name", "Ana"),
        ("the family name should be Green", "last_name", "Green"),
        ("Nguyen Van Anh", "bare_name", "Nguyen Van Anh"),
        ("maria de la cruz", "bare_name", "maria de la cruz"),
    ],
)
def test_the_parents_own_name_is_found(
    understanding: Understanding, said: str, name: str, value: str
) -> None:
    assert found(understanding, said, name) == [value]


@pytest.mark.parametrize(
    "said",
    [
        "my last name is wrong",
        "I'm Maya's mom",
        "im mayas mom",
        "Sign In",
        "i am lost",
        "An4 Ruiz",
        "what now",
    ],
)
def test_what_is_no_name_of_the_parent_is_none(understanding: Understanding, said: str) -> None:
    names = ("person", "bare_name", "first_name", "last_name")

    assert [value for name in names for value in found(understanding, said, name)] == []


@pytest.mark.parametrize(
    ("said", "kind", "value"),
    [
        ("change my email", "setting", "email"),
        ("change my username", "setting", "username"),
        ("change my name", "setting", "name"),
        ("i have a new phone number", "setting", "phone"),
        ("we moved to a new address", "setting", "address"),
        ("unlink my son", "unlink", True),
        ("i lost the letter", "lost", "letter"),
    ],
)
def test_what_exactly_is_wanted_is_found(
    understanding: Understanding, said: str, kind: str, value: object
) -> None:
    assert found(understanding, said, kind) == [value]


@pytest.mark.parametrize("said", ["i forgot my password", "link my son", "what is an access id"])
def test_a_plain_wish_names_nothing_more(understanding: Understanding, said: str) -> None:
    assert [v for kind in ("setting", "unlink", "lost") for v in found(understanding, said, kind)] == []
