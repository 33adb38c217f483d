"""A district's options are read strictly, with the defaults of its profile."""

from typing import Any

import pytest

from portal.core.errors import SettingsError
from portal.core.options import (
    AccountOpening,
    DistrictOptions,
    HelpContact,
    LaunchLink,
    LockMode,
    LockOptions,
    PasswordOptions,
    Profile,
    read_options,
)

LEAST = {
    "name": "Westborough Public Schools",
    "portal_url": "https://ps.westboroughk12.org/public",
    "time_zone": "America/New_York",
}


def read(**options: Any) -> DistrictOptions:
    return read_options("districts/w.yml", {**LEAST, **options})


def test_recommended_is_the_default_profile() -> None:
    options = read()

    assert options.profile is Profile.RECOMMENDED
    assert options.lock == LockOptions(LockMode.WAIT, 10, 15)
    assert options.password == PasswordOptions(
        15, upper_and_lower=False, letter_and_number=False, special=False, history=5, expires_days=0
    )
    assert (options.recovery_minutes, options.session_idle_minutes) == (30, 15)
    assert (options.account_opening, options.locales) == (AccountOpening.ACCESS_ID, ("en",))
    assert (options.parent_single_sign_on, options.class_registration) == (True, True)
    assert not any((options.mobile_server, options.my_data, options.school_bulletin, options.lunch_balance))
    assert not any((options.school_map, options.plugins, options.learning_platforms, options.embed_origins))


@pytest.mark.parametrize(("profile", "asks"), [("powerschool", False), ("aspen", True)])
@pytest.mark.requirement("R15", "R126")
def test_older_portals_lock_until_staff_and_take_eight_characters(profile: str, *, asks: bool) -> None:
    options = read(profile=profile)

    assert options.lock == LockOptions(LockMode.UNTIL_STAFF, 5, 15)
    assert options.password.min_length == 8
    assert options.security_question is asks


def test_what_is_given_overrides_the_profile() -> None:
    options = read(
        profile="powerschool",
        lock={"mode": "wait", "fails": 7, "minutes": 20},
        password={"min_length": 12, "special": True, "blocklist": True},
        plugins=[{"name": "Library", "url": "https://library.example.org"}],
        embed_origins=["https://www.example.org"],
    )

    assert options.lock == LockOptions(LockMode.WAIT, 7, 20)
    assert (options.password.min_length, options.password.special) == (12, True)
    assert options.plugins == (LaunchLink("Library", "https://library.example.org"),)
    assert options.embed_origins == ("https://www.example.org",)


@pytest.mark.requirement("R2", "R15")
def test_help_is_the_schools_own_or_else_the_districts() -> None:
    options = read(help={"default": {"phone": "(508) 555-0100"}, 101: {"email": "help@school.example"}})

    assert options.help_at("101") == HelpContact(email="help@school.example")
    assert options.help_at("999") == options.help_at() == HelpContact(phone="(508) 555-0100")
    assert read().help_at() == HelpContact()


@pytest.mark.requirement("R107", "R108")
def test_district_code_is_letters_as_well_as_digits() -> None:
    options = read(mobile_server=True, district_code="DKWW")

    assert (options.mobile_server, options.district_code) == (True, "DKWW")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"colour": "red"}, "districts/w.yml: colour is not a setting"),
        ({"lock": {"fail": 3}}, "districts/w.yml: lock: fail is not a setting"),
        ({"password": {"min_length": 7}}, "districts/w.yml: password: min_length must be"),
        ({"password": {"blocklist": False}}, "password: blocklist cannot be turned off"),
        ({"password": {"special": "yes"}}, "special must be true or false"),
        ({"lock": {"fails": 101}}, "fails must be a whole number from 1 to 100"),
        ({"lock": {"fails": True}}, "fails must be a whole number"),
        ({"lock": {"mode": "forever"}}, "mode must be one of wait, until_staff"),
        ({"lock": []}, "districts/w.yml: lock must be a group"),
        ({"recovery_minutes": 1441}, "recovery_minutes must be"),
        ({"profile": "legacy"}, "profile must be one of recommended, powerschool, aspen"),
        ({"help": {101: {}, "101": {}}}, "help has one name twice"),
        ({"portal_url": "http://["}, "portal_url must be an address"),
        ({"name": ""}, "name is missing"),
        ({"name": 7}, "name must be text"),
        ({"portal_url": "ps.westboroughk12.org"}, "portal_url must be an address"),
        ({"time_zone": "Boston"}, "time_zone must be a time zone"),
        ({"time_zone": "../etc"}, "time_zone must be a time zone"),
        ({"locales": "en"}, "locales must be a list of texts"),
        ({"plugins": {"name": "Library"}}, "plugins must be a list"),
        ({"plugins": [{"name": "Library"}]}, "plugins[0]: url is missing"),
        ({"plugins": [{"name": "L", "url": "https://l.example", "x": 1}]}, "plugins[0]: x is not a setting"),
        ({"help": {"101": {"fax": "1"}}}, "help: 101: fax is not a setting"),
        ({"mobile_server": True}, "district_code is missing"),
    ],
)
def test_wrong_option_is_refused_by_file_and_key(options: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(**options)

    assert told in str(caught.value)


@pytest.mark.case("RT11")
def test_public_address_is_an_address_without_the_slash_at_its_end_or_none() -> None:
    given = read(public_base_url="https://parents.westborough.example/")

    assert given.public_base_url == "https://parents.westborough.example"
    assert read().public_base_url is None
    with pytest.raises(SettingsError, match=r"districts/w\.yml: public_base_url must be an address"):
        read(public_base_url="parents.westborough.example")
