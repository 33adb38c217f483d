"""Say in a district's own facts what "contact your school" and "the portal" mean."""

from typing import Any

from actions.base import Words, part
from portal.core.districts import District
from portal.core.options import DEFAULT_SCHOOL, DistrictOptions, HelpContact, Profile

# A list of every school of a large district helps nobody; a parent knows their own school.
MOST_SCHOOLS = 6


def facts(district: District) -> dict[str, Any]:
    """Return what most replies may name: the district, its portal, whom to contact."""
    options = district.options
    return {
        "district_name": options.name,
        "portal_url": options.portal_url,
        "contact": contact(options),
        "language_step": language_step(options),
        "administrator": _administrator(options),
        "way": _way_past_a_lock(options),
    }


def _way_past_a_lock(options: DistrictOptions) -> Words:
    # The two portals of the older profiles lock a name for everybody: there only the school opens it.
    opens = options.parent_single_sign_on and options.profile is Profile.RECOMMENDED
    return part("utter_lock_way_recovery" if opens else "utter_lock_way_school")


def _administrator(options: DistrictOptions) -> Words:
    # Only one of the portals is called PowerSchool; elsewhere nobody has an administrator of that name.
    called = "_powerschool" if options.profile is Profile.POWERSCHOOL else ""
    return part(f"utter_administrator{called}")


def contact(options: DistrictOptions) -> list[Words]:
    """Return the help desk of the district and say that each school helps, or what there is instead.

    Under every answer the schools one by one would be longer than what they stand under.
    """
    desk = options.help.get(DEFAULT_SCHOOL)
    if desk is None or not any(_ways(desk).values()):
        return contacts(options)
    others = len(_schools(options)) > 1
    return [_line(DEFAULT_SCHOOL, desk, options), *([part("utter_each_school_helps")] if others else [])]


def contacts(options: DistrictOptions) -> list[Words]:
    """Return one line for each school's help, the district's own first, for whoever asks for a person."""
    schools = _schools(options)
    if len(schools) > MOST_SCHOOLS:
        schools = {key: each for key, each in schools.items() if key == DEFAULT_SCHOOL}
    first = sorted(schools, key=lambda key: key != DEFAULT_SCHOOL)
    return [_line(key, schools[key], options) for key in first] or [part("utter_contact_unlisted")]


def _schools(options: DistrictOptions) -> dict[str, HelpContact]:
    return {key: each for key, each in options.help.items() if any(_ways(each).values())}


def _line(key: str, help_: HelpContact, options: DistrictOptions) -> Words:
    return part("utter_school_contact", school=_school_name(key, help_, options), **_ways(help_))


def language_step(options: DistrictOptions) -> Words:
    """Say which languages the portal's menu offers, or why there is no menu (R7, R8)."""
    languages = [{"language": code} for code in options.locales]
    several = len(options.locales) > 1
    return part("utter_step_select_language" if several else "utter_step_one_language", languages=languages)


def _school_name(key: str, contact_: HelpContact, options: DistrictOptions) -> str:
    return contact_.name or (options.name if key == DEFAULT_SCHOOL else key)


def _ways(contact_: HelpContact) -> dict[str, Words | str]:
    ways = {"phone": contact_.phone, "email": contact_.email, "hours": contact_.hours, "wait": contact_.wait}
    return {
        name: part(f"utter_school_{name}", **{name: value}) if value else "" for name, value in ways.items()
    }
