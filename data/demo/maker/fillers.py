"""Fill a district up to its forty students with drawn families."""

from faker import Faker

from maker.people import Adult, Child, District, Family, plain

STUDENTS = 40


def seeded(purpose: str) -> Faker:
    """Return a generator whose draws depend on this purpose only."""
    fake = Faker("en_US")
    fake.seed_instance(f"hallpass demo: {purpose}")
    return fake


def all_families(district: District) -> list[Family]:
    """Return the hand-chosen families and as many drawn ones as make forty students."""
    fake = seeded(f"families of {district.slug}")
    families = list(district.families)
    taken = {adult.username for family in families for adult in family.adults}
    missing = STUDENTS - sum(len(family.children) for family in families)
    while missing:
        count = min(missing, fake.random.choice((1, 1, 2)))
        with_account = len(families) - len(district.families) < district.fillers_with_account
        families.append(_family(fake, district, count, taken if with_account else None))
        missing -= count
    return families


def _family(fake: Faker, district: District, count: int, taken: set[str] | None) -> Family:
    name = _fresh_family_name(fake, district)
    username = _username(fake, name, taken) if taken is not None else ""
    adults = [
        Adult(
            fake.first_name_female(),
            name,
            email=bool(username) or fake.boolean(45),
            situation="ok" if username else None,
            username=username,
        )
    ]
    if fake.boolean(60):
        adults.append(Adult(fake.first_name_male(), name, "Father", email=fake.boolean(35)))
    return Family(tuple(adults), tuple(_children(fake, district, count, name)))


def _children(fake: Faker, district: District, count: int, family: str) -> list[Child]:
    children: list[Child] = []
    for _ in range(count):
        given = fake.first_name()
        while any(given == other.given for other in children):
            given = fake.first_name()
        school = fake.random.randrange(len(district.schools))
        children.append(Child(given, family, school, fake.random.choice(district.schools[school].grades)))
    return children


def _fresh_family_name(fake: Faker, district: District) -> str:
    known = {plain(person.family) for family in district.families for person in family.adults}
    name = fake.unique.last_name()
    while plain(name) in known:
        name = fake.unique.last_name()
    return str(name)


def _username(fake: Faker, family: str, taken: set[str]) -> str:
    name = f"{fake.random_lowercase_letter()}{plain(family)}"
    while name in taken:
        name += str(fake.random_digit())
    taken.add(name)
    return name
