from sqlalchemy import Engine

from bot.channels.base import ChatDistrict
from bot.channels.districts import PortalDistricts
from portal.transaction import Portal
from tests.support.portals import make_district
from tests.support.statements import statements


def apply(portal: Portal, *slugs: str) -> None:
    for slug in slugs:
        make_district(portal, slug, name=slug.title(), locales=["en", "es"])


async def test_district_is_found_by_its_slug(portal: Portal) -> None:
    apply(portal, "boston", "westborough")

    found = await PortalDistricts(portal).find("boston")

    assert found == ChatDistrict("boston", "Boston", ("en", "es"), ())


async def test_preset_district_is_meant_where_none_is_named(portal: Portal) -> None:
    apply(portal, "boston", "westborough")

    found = await PortalDistricts(portal, preset="westborough").find(None)

    assert found is not None
    assert found.slug == "westborough"


async def test_only_district_is_meant_where_none_is_named(portal: Portal) -> None:
    apply(portal, "boston")

    found = await PortalDistricts(portal).find(None)

    assert found is not None
    assert found.slug == "boston"


async def test_several_districts_and_none_named_is_nobody(portal: Portal) -> None:
    apply(portal, "boston", "westborough")

    assert await PortalDistricts(portal).find(None) is None


async def test_unknown_slug_is_nobody(portal: Portal) -> None:
    assert await PortalDistricts(portal).find("nowhere") is None


async def test_slug_that_was_found_is_not_looked_up_again(portal: Portal, engine: Engine) -> None:
    apply(portal, "boston", "westborough")
    named, preset = PortalDistricts(portal), PortalDistricts(portal, preset="westborough")
    first = [await named.slug("boston"), await preset.slug(None)]

    with statements(engine) as said:
        again = [await named.slug("boston"), await preset.slug(None)]

    assert first == again == ["boston", "westborough"]
    assert said == []


async def test_slug_of_nobody_is_looked_up_until_there_is_one(portal: Portal) -> None:
    districts = PortalDistricts(portal)
    unknown = [await districts.slug("boston"), await districts.slug(None)]
    apply(portal, "boston")
    only = [await districts.slug("boston"), await districts.slug(None)]
    apply(portal, "westborough")

    assert unknown == [None, None]
    assert only == ["boston", "boston"]
    # Which one is the only one is never remembered.
    assert await districts.slug(None) is None
