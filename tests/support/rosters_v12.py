"""Turn a OneRoster 1.1 set into the same set in 1.2."""

import csv
import io
from pathlib import Path

HEADERS = {
    "users": (
        "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,"
        "identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,"
        "preferredGivenName,preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns"
    ),
    "roles": (
        "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,"
        "userProfileSourcedId"
    ),
    "categories": "sourcedId,status,dateLastModified,title,weight",
    "lineItems": (
        "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,classSourcedId,"
        "categorySourcedId,academicSessionSourcedId,resultValueMin,resultValueMax,schoolSourcedId"
    ),
    "results": (
        "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,"
        "comment,textScore,classSourcedId,inProgress,incomplete,late,missing"
    ),
}
NEW = (
    "userProfiles",
    "userResources",
    "scoreScales",
    "lineItemScoreScales",
    "resultScoreScales",
    "lineItemLearningObjectiveIds",
    "resultLearningObjectiveIds",
)
Rows = list[dict[str, str]]


def in_v12(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files of the same set in 1.2; what did not change stays byte for byte."""
    found = {name: _rows(files[f"{name}.csv"]) for name in HEADERS if f"{name}.csv" in files}
    found["roles"] = [role for user in found["users"] for role in _roles(user)]
    for item in found.get("lineItems", []):
        item["academicSessionSourcedId"] = item["gradingPeriodSourcedId"]
    manifest = {row["propertyName"]: row["value"] for row in _rows(files["manifest.csv"])}
    manifest |= {"oneroster.version": "1.2", "file.roles": manifest.get("file.users", "bulk")}
    manifest |= {f"file.{name}": "absent" for name in NEW}
    properties = [{"propertyName": name, "value": value} for name, value in manifest.items()]
    return {
        **files,
        **{f"{name}.csv": written(HEADERS[name], rows) for name, rows in found.items()},
        "manifest.csv": written("propertyName,value", properties),
    }


def folder_in_v12(source: Path, target: Path) -> Path:
    """Write the set of a folder in 1.2 into a new folder."""
    target.mkdir(parents=True)
    for name, content in in_v12({path.name: path.read_bytes() for path in source.glob("*.csv")}).items():
        (target / name).write_bytes(content)
    return target


def _roles(user: dict[str, str]) -> Rows:
    schools = [school for school in user["orgSourcedIds"].split(",") if school]
    user["primaryOrgSourcedId"] = schools[0] if schools else ""
    given = {name: user[name] for name in ("status", "dateLastModified", "role")}
    return [
        given
        | {"sourcedId": f"R-{user['sourcedId']}-{school}", "userSourcedId": user["sourcedId"]}
        | {"roleType": "primary", "orgSourcedId": school}
        for school in schools
    ]


def _rows(content: bytes) -> Rows:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def written(header: str, rows: Rows) -> bytes:
    """Return rows as a file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header.split(","), restval="", extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
