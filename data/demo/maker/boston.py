"""Describe Boston: an Aspen-style district, with the families that test the design."""

from maker.people import Adult, Child, District, Family, School

HIGH, LOWER = 0, 1

SCHOOLS = (
    School(
        "4011",
        "Harbor Lantern High School",
        "high",
        (9, 10, 11, 12),
        "210 Lantern Street",
        "Boston",
        "02127",
        "(617) 555-0190",
        "07:20",
    ),
    School(
        "4012",
        "Seven Elms K-8 School",
        "lower",
        (4, 5, 6, 7, 8),
        "7 Seven Elms Way",
        "Boston",
        "02124",
        "(617) 555-0191",
        "08:30",
    ),
)

FAMILIES = (
    Family(  # three children, two schools
        (
            Adult("Nadège", "Baptiste", situation="ok", username="nbaptiste"),
            Adult("Frantz", "Baptiste", "Father", email=False),
        ),
        (
            Child("Jean-Luc", "Baptiste", LOWER, 5),
            Child("Marie-Claire", "Baptiste", LOWER, 8),
            Child("Esther", "Baptiste", HIGH, 11),
        ),
    ),
    Family(  # step-siblings who share their first name
        (
            Adult("Wei", "Chen", ("Father", "Stepfather"), situation="ok", username="wchen"),
            Adult("Luz", "Rivera", ("Stepmother", "Mother"), email=False),
        ),
        (Child("Alex", "Chen", LOWER, 6), Child("Alex", "Rivera", HIGH, 10)),
    ),
    Family(  # two parents living apart, both with an account
        (
            Adult("Fatima", "Al-Sayed", situation="ok", username="falsayed"),
            Adult("Omar", "Hassan", "Father", lives_with=False, situation="ok", username="ohassan"),
        ),
        (Child("Yusuf", "Hassan", LOWER, 7),),
    ),
    Family(  # a father ...
        (Adult("John", "Murphy", "Father", situation="ok", username="jmurphy"),),
        (Child("Aoife", "Murphy", HIGH, 9),),
    ),
    Family(  # ... and another of the very same name: never identify by name
        (Adult("John", "Murphy", "Father", situation="ok", username="john.murphy"),),
        (Child("Seán", "Murphy", LOWER, 4),),
    ),
    Family(
        (Adult("Thảo", "Trần", email=False, situation="no_email", username="ttran"),),
        (Child("Khánh", "Trần", HIGH, 12), Child("An", "Trần", LOWER, 5)),
    ),
    Family(  # the father is barred by the school
        (
            Adult("Olena", "Petrenko", situation="ok", username="opetrenko"),
            Adult(
                "Viktor",
                "Petrenko",
                "Father",
                lives_with=False,
                portal_access=False,
                situation="barred",
                username="vpetrenko",
            ),
        ),
        (Child("Daryna", "Petrenko", LOWER, 7),),
    ),
    Family(
        (Adult("Béatrice", "N'Diaye", "Grandmother", situation="ok", username="bndiaye"),),
        (Child("Amadou", "N'Diaye", LOWER, 8),),
    ),
    Family(
        (Adult("Declan", "O'Sullivan", "Father", situation="locked", username="dosullivan"),),
        (Child("Niamh", "O'Sullivan", HIGH, 10),),
    ),
    Family(
        (Adult("Gabriela", "Núñez", situation="temporary_password", username="gnunez"),),
        (Child("Mateo", "Núñez", HIGH, 9), Child("Lucía", "Núñez", LOWER, 6)),
    ),
    Family(
        (Adult("Björn", "Lindqvist", "Father", situation="expired_password", username="blindqvist"),),
        (Child("Zoë", "Lindqvist", LOWER, 5),),
    ),
    Family(
        (Adult("Keisha", "Carter", situation="no_account", username="kcarter"),),
        (Child("D'Shawn", "Carter", HIGH, 12),),
    ),
    Family(
        (Adult("Ana", "Santos-Oliveira", email=False), Adult("João", "Oliveira", "Father")),
        (Child("María José", "Santos-Oliveira", HIGH, 11),),
    ),
)

BOSTON = District(
    slug="boston",
    identifier="2",
    name="Boston Public Schools",
    schools=SCHOOLS,
    term_word="Term",
    area_codes=("617", "857"),
    families=FAMILIES,
    fillers_with_account=4,
)
