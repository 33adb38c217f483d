"""Say which pages of the portal a district may turn off, and whether one of them is on."""

from collections.abc import Callable, Mapping

from portal.core.options import DistrictOptions

MY_DATA = "my-data"
# By what a page's address calls it; every other page is always there.
TURNED_ON: Mapping[str, Callable[[DistrictOptions], bool]] = {
    "school-bulletin": lambda options: options.school_bulletin,
    "class-registration": lambda options: options.class_registration,
    "balance": lambda options: options.lunch_balance,
    MY_DATA: lambda options: options.my_data,
}


def is_on(page: str, options: DistrictOptions) -> bool:
    """Tell whether a district has a page."""
    turned_on = TURNED_ON.get(page)
    return turned_on is None or turned_on(options)
