"""Addresses are compared as people mean them, and kept as they spelled them."""

import pytest

from portal.accounts.addresses import Address, address_of, key_of, mailable


@pytest.mark.case("Q6")
def test_case_is_not_compared_and_plus_and_dots_are() -> None:
    same = {key_of(typed) for typed in ("Alice@X.example", "alice@x.example", " ALICE@x.EXAMPLE ")}
    others = {key_of(typed) for typed in ("alice+school@x.example", "a.lice@x.example")}

    assert same == {"alice@x.example"}
    assert len(others - same) == 2


@pytest.mark.case("Q6")
def test_spelling_before_the_at_sign_stays() -> None:
    assert address_of(" Alice@X.example ") == Address("Alice@x.example", "alice@x.example")


@pytest.mark.case("Q6")
def test_international_domain_is_one_address_in_both_spellings() -> None:
    assert key_of("a@exämple.com") == key_of("A@xn--exmple-cua.com") == "a@xn--exmple-cua.com"


@pytest.mark.parametrize(
    "typed",
    [
        None,
        "",
        "alice",
        "alice@",
        "alice@x",
        "a b@x.example",
        "alice@x.example\nBcc: b@x.example",
        "\u0430lice@x.example",
        "Alice <alice@x.example>",
        '"alice"@x.example',
        "alice@[127.0.0.1]",
        "a\0b@x.example",
        "\ud800@x.example",
        "a" * 300 + "@x.example",
    ],
)
def test_what_no_mail_can_go_to_is_no_address(typed: str | None) -> None:
    assert key_of(typed) is None


@pytest.mark.parametrize(
    ("spelling", "written"),
    [
        ("Alice@x.example", "Alice@x.example"),
        ("Alice@ex\u00e4mple.com", "Alice@xn--exmple-cua.com"),
        ("not an address", "not an address"),
    ],
)
def test_mail_goes_to_the_spelling_that_every_server_takes(spelling: str, written: str) -> None:
    assert mailable(spelling) == written
