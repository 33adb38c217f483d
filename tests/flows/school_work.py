"""Write the school known by heart once more, with the work, the tests and the remarks of its children.

Today is Thursday, 15 October 2026. What Zoe Whitfield did is there too, and nobody but her parent may
learn of it.
"""

from pathlib import Path

from tests.flows.school import write_school

MORE = {
    "lineItems.csv": """
        L3,,,Problem set 1,,2026-10-05,2026-10-12,KA,G1,T1,0,20
        L4,,,Problem set 2,,2026-10-12,2026-10-16,KA,G1,T1,0,20
        L5,,,Essay,,2026-10-01,2026-10-09,KE,G1,T1,0,50
        L6,,,Book report,,2026-10-06,2026-10-13,KE,G1,T1,0,40
        L7,,,Vocabulary quiz,,2026-10-14,2026-10-20,KE,G1,T1,0,
        L8,,,Poster,,2026-09-30,2026-10-02,KX,G1,T1,0,20
        L9,,,Spring project,,2026-04-20,2026-05-04,KA,G1,T0,0,100
        L10,,,Quiz,,2026-10-05,2026-10-06,KA,G1,T1,0,10
    """,
    "results.csv": """
        R3,,,L3,S1,not submitted,,2026-10-12,Missing
        R4,,,L3,S3,not submitted,,2026-10-12,Missing
        R5,,,L5,S1,fully graded,42.125,2026-10-12,Late: two days
        R6,,,L8,S1,exempt,,2026-10-02,Exempt
        R7,,,L9,S1,fully graded,95,2026-05-05,
        R8,,,L10,S1,fully graded,0,2026-10-06,Please see me
        R9,,,L10,S3,fully graded,3,2026-10-06,Zoe did not study
    """,
    "x_term_grades.csv": """
        7001,KX,T1,,,false,Maya takes part in every discussion.
        7001,KE,T0,C+,77,true,Bring the notebook.
        7003,KA,T0,F,41,true,Zoe slept.
    """,
    "x_test_results.csv": """
        studentIdentifier,date,test,subject,score,maxScore,level
        7001,2026-10-01,Fall Benchmark,Mathematics,83,100,Meets expectations
        7001,2026-09-10,Reading Check,Reading,17.0625,,
        7001,2026-05-12,State Test,English,,,Level 3
        7003,2026-10-01,Fall Benchmark,Mathematics,12,100,Needs support
    """,
}


def write_school_with_work(folder: Path) -> Path:
    """Write the files and return their folder."""
    write_school(folder)
    for name, content in MORE.items():
        lines = "\n".join(line.strip() for line in content.strip().splitlines())
        path = folder / name
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(f"{before}{lines}\n", encoding="utf-8")
    return folder
