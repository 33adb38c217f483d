"""Describe Westborough: a PowerSchool-style district, with the families that test the design."""

from maker.people import Adult, Child, District, Family, School

HIGH, MIDDLE = 0, 1

SCHOOLS = (
    School(
        "101",
        "Assabet Ridge High School",
        "high",
        (9, 10, 11, 12),
        "90 Orchard Ridge Road",
        "Westborough",
        "01581",
        "(508) 555-0190",
        "07:40",
    ),
    School(
        "102",
        "Birch Hollow Middle School",
        "middle",
        (6, 7, 8),
        "12 Birch Hollow Lane",
        "Westborough",
        "01581",
        "(508) 555-0191",
        "08:10",
    ),
)

FAMILIES = (
    Family(  # one parent, three children, two schools
        (Adult("María", "López", situation="ok", username="mlopez"),),
        (
            Child("Maya", "López", MIDDLE, 8),
            Child("Diego", "López", HIGH, 10),
            Child("Sofía", "López", MIDDLE, 6),
        ),
    ),
    Family(  # step-siblings who share their first name
        (
            Adult("Karen", "Whitfield", ("Mother", "Stepmother"), situation="ok", username="kwhitfield"),
            Adult("Daniel", "Park", ("Stepfather", "Father"), email=False),
        ),
        (Child("Emma", "Whitfield", MIDDLE, 7), Child("Emma", "Park", HIGH, 11)),
    ),
    Family(  # another mother of the very same name: never identify by name
        (Adult("María", "López", situation="ok", username="mlopez.2"),),
        (Child("Lucas", "López", HIGH, 11),),
    ),
    Family(  # two parents living apart, both with an account
        (
            Adult("Siobhán", "O'Brien", situation="ok", username="sobrien"),
            Adult("Patrick", "O'Brien", "Father", lives_with=False, situation="ok", username="pobrien"),
        ),
        (Child("Liam", "O'Brien", HIGH, 9),),
    ),
    Family(
        (
            Adult("Hùng", "Nguyễn", "Father", email=False, situation="no_email", username="hnguyen"),
            Adult("Thị Lan", "Nguyễn", email=False),
        ),
        (Child("Minh", "Nguyễn", HIGH, 12),),
    ),
    Family(  # the father is barred by the school
        (
            Adult("Francesca", "D'Angelo", situation="ok", username="fdangelo"),
            Adult(
                "Marco",
                "D'Angelo",
                "Father",
                lives_with=False,
                portal_access=False,
                situation="barred",
                username="mdangelo",
            ),
        ),
        (Child("Zoë", "D'Angelo", MIDDLE, 6),),
    ),
    Family(
        (Adult("Ruth", "Abernathy", "Grandmother", situation="ok", username="rabernathy"),),
        (Child("Tyler", "Abernathy", MIDDLE, 8),),
    ),
    Family(
        (Adult("James", "Okafor", "Father", situation="locked", username="jokafor"),),
        (Child("Chidi", "Okafor", HIGH, 10), Child("Adaeze", "Okafor", MIDDLE, 7)),
    ),
    Family(
        (Adult("Priya", "Raman-Iyer", situation="temporary_password", username="priya.raman"),),
        (Child("Anjali", "Raman-Iyer", HIGH, 9),),
    ),
    Family(
        (Adult("Tomasz", "Wójcik", "Father", situation="expired_password", username="twojcik"),),
        (Child("Zuzanna", "Wójcik", HIGH, 12),),
    ),
    Family(
        (Adult("Aïcha", "Benali", situation="no_account", username="abenali"),),
        (Child("Noé", "Benali", MIDDLE, 7), Child("Inès", "Benali", HIGH, 9)),
    ),
    Family(
        (Adult("Elena", "Fernández", email=False), Adult("José", "Fernández", "Father")),
        (Child("María José", "Fernández", HIGH, 11),),
    ),
)

WESTBOROUGH = District(
    slug="westborough",
    identifier="1",
    name="Westborough Public Schools",
    schools=SCHOOLS,
    term_word="Quarter",
    area_codes=("508", "774"),
    families=FAMILIES,
    fillers_with_account=4,
)
