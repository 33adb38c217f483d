"""Tell what the first password of an account must be."""

from dataclasses import replace

from actions.base import Words
from actions.change_password import password_rules
from portal.core.options import DistrictOptions


def new_password_rules(options: DistrictOptions) -> Words:
    """Return the rules that are on in this district; a new account has no earlier passwords."""
    return password_rules(replace(options, password=replace(options.password, history=0)))
