"""Write a school small enough to know by heart, as the files that a district would import.

Today is Thursday, 15 October 2026, in the term "Fall". Maya and Leo López are the children of
`mlopez`, Zoe Whitfield is the child of `kwhitfield`; nobody but her parent may learn of Zoe.
"""

from pathlib import Path

FILES = {
    "manifest.csv": """
        propertyName,value
        manifest.version,1.0
        oneroster.version,1.1
        file.orgs,bulk
        file.academicSessions,bulk
        file.courses,bulk
        file.classes,bulk
        file.users,bulk
        file.enrollments,bulk
        file.categories,bulk
        file.lineItems,bulk
        file.results,bulk
    """,
    "orgs.csv": """
        sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId
        O1,,,Westborough Public Schools,district,1,
        O101,,,Assabet Ridge School,school,101,O1
    """,
    "academicSessions.csv": """
        sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear
        Y26,,,2025-2026,schoolYear,2025-08-25,2026-06-20,,2026
        T0,,,Spring,term,2026-01-26,2026-06-15,Y26,2026
        Y27,,,2026-2027,schoolYear,2026-08-31,2027-06-20,,2027
        T1,,,Fall,term,2026-08-31,2027-01-22,Y27,2027
    """,
    "courses.csv": """
        sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes
        CA,,,Y27,Algebra I,ALG,09,O101,Mathematics,
        CE,,,Y27,English 9,ENG,09,O101,English,
        CX,,,Y27,Art,ART,09,O101,Art,
    """,
    "classes.csv": """
        sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods
        KA,,,Algebra I,09,CA,A1,scheduled,12,O101,"T0,T1",Mathematics,,3
        KE,,,English 9,09,CE,E1,scheduled,14,O101,T1,English,,1
        KX,,,Art,09,CX,X1,scheduled,20,O101,T1,Art,,5
    """,
    "users.csv": """
        sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password
        S1,,,true,O101,student,,,Maya,López,,7001,,,,P1,09,
        S2,,,true,O101,student,,,Leo,López,,7002,,,,P1,09,
        S3,,,true,O101,student,,,Zoe,Whitfield,,7003,,,,P2,09,
        P1,,,true,O101,guardian,,,Marisol,López,,9001,m@families.example,,,"S1,S2",,
        P2,,,true,O101,guardian,,,Karen,Whitfield,,9002,k@families.example,,,S3,,
        U1,,,true,O101,teacher,,,Ada,Stone,,8001,,,,,,
    """,
    "enrollments.csv": """
        sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate
        E1,,,KA,O101,S1,student,,2026-01-26,2027-01-22
        E2,,,KE,O101,S1,student,,2026-08-31,2027-01-22
        E3,,,KX,O101,S1,student,,2026-08-31,2027-01-22
        E4,,,KE,O101,S2,student,,2026-08-31,2027-01-22
        E5,,,KA,O101,S3,student,,2026-08-31,2027-01-22
        E6,,,KA,O101,U1,teacher,true,2026-01-26,2027-01-22
    """,
    "categories.csv": """
        sourcedId,status,dateLastModified,title
        G1,,,Homework
    """,
    "lineItems.csv": """
        sourcedId,status,dateLastModified,title,description,assignDate,dueDate,classSourcedId,categorySourcedId,gradingPeriodSourcedId,resultValueMin,resultValueMax
        L1,,,Still life,,2026-09-07,2026-09-14,KX,G1,T1,0,20
        L2,,,Sketch,,2026-09-21,2026-09-28,KX,G1,T1,0,10
    """,
    "results.csv": """
        sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment
        R1,,,L1,S1,fully graded,18,2026-09-15,
        R2,,,L2,S1,fully graded,9,2026-09-29,
    """,
    "x_relationships.csv": """
        parentIdentifier,studentIdentifier,relation,primaryContact,livesWith,emergencyContact,legalGuardian
        9001,7001,Mother,true,true,true,true
        9001,7002,Mother,true,true,true,true
        9002,7003,Mother,true,true,true,true
    """,
    "x_attendance.csv": """
        studentIdentifier,schoolId,date,category,reason,sectionIdentifier,arrivalTime
        7001,101,2026-09-14,Excused Absence,Doctor,,
        7001,101,2026-09-21,Unexcused Absence,,,
        7001,101,2026-10-05,Excused Absence,Illness,,
        7001,101,2026-09-30,Tardy,Bus,,08:20
        7001,101,2026-10-07,Unexcused Absence,,KA,
        7003,101,2026-09-16,Unexcused Absence,Zoe overslept,,
    """,
    "x_term_grades.csv": """
        studentIdentifier,classSourcedId,termSourcedId,letter,percent,final,comment
        7001,KA,T1,B+,88,false,
        7001,KE,T1,A,95.5,false,
        7001,KA,T0,C,74,true,
        7003,KA,T1,D,61,false,
    """,
    "x_schools.csv": """
        schoolId,address,city,postalCode,phone,fax,email,hours,mapUrl
        101,90 Orchard Road,Westborough,01581,(508) 555-0190,(508) 555-0195,o@schools.example,8 am to 4 pm,
    """,
    "x_meetings.csv": """
        classSourcedId,weekday,period,startTime,endTime,room,teacher
        KE,1,1,07:40,08:32,14,Ben Hale
        KE,2,1,07:40,08:32,14,Ben Hale
        KE,3,1,07:40,08:32,14,Ben Hale
        KE,4,1,07:40,08:32,14,Ben Hale
        KE,5,1,07:40,08:32,14,Ben Hale
        KA,1,3,09:36,10:28,,
        KA,3,3,09:36,10:28,,
        KA,5,3,09:36,10:28,,
    """,
    "x_transactions.csv": """
        studentIdentifier,date,account,description,amount
        7001,2026-09-28,lunch,Online payment,20.00
        7001,2026-10-13,lunch,School lunch,-3.25
        7001,2026-10-14,lunch,School lunch,-3.25
        7001,2026-10-01,fees,Field trip,-18.00
        7003,2026-10-14,lunch,Zoe's birthday cake,-41.00
    """,
    "x_bulletins.csv": """
        schoolId,date,title,text
        101,2026-09-18,Picture day,Order forms went home.
        101,2026-10-13,Lost and found,Jackets wait beside the office.
        101,2026-10-14,Book fair,All week in the library.
    """,
    "x_events.csv": """
        schoolId,date,title
        101,2026-10-20,Progress reports go home
        101,2026-11-06,No school: teachers' workshop
    """,
}


def write_school(folder: Path) -> Path:
    """Write the files and return their folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in FILES.items():
        lines = (line.strip() for line in content.strip().splitlines())
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
