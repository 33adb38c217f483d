"""Build sets that say only what changed since the last one."""

from tests.support.rosters import Roster, person_row

WHEN = "2026-09-14T05:30:00.000Z"


class Changes(Roster):
    """Hold the rows that changed; a file is delta unless the test says otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = {}

    def now(self, file: str, **cells: str) -> "Changes":
        """Say what a row is now."""
        self.add(file, **{"status": "active", "dateLastModified": WHEN} | cells)
        return self

    def gone(self, file: str, *keys: str) -> "Changes":
        """Say that rows are no more."""
        for key in keys:
            self.add(file, sourcedId=key, status="tobedeleted", dateLastModified=WHEN)
        return self

    def person(self, key: str, given: str, family: str, role: str, **cells: str) -> "Changes":
        """Say who somebody of the high school is now."""
        return self.now("users", **person_row(key, given, family, role, "HS") | cells)

    def bulk(self, *files: str) -> "Changes":
        """Give files whole."""
        self.manifest |= {f"file.{file}": "bulk" for file in files}
        return self

    def files(self) -> dict[str, bytes]:
        """Return the files of the set by name."""
        modes = {f"file.{file}": "delta" for file in self.rows if not file.startswith("x_")}
        self.manifest = modes | self.manifest
        return super().files()
