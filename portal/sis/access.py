"""Issue Access IDs and mint access passwords."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Update, bindparam, exists, insert, select, update

from portal.core.context import Context
from portal.sis.identity import access_password_mac, new_access_id, new_access_password
from portal.sis.models import AccessCredential, Student
from portal.sis.outcomes import MintedPassword
from portal.sis.writer import CHUNK


class AccessCodes:
    """Give the students of a district the codes that connect a parent's account with them."""

    def __init__(self, context: Context, district: str) -> None:
        """Work in the given transaction, for one district."""
        self._context = context
        self._district = district

    def issue(self) -> int:
        """Give every student without an Access ID one, and return how many."""
        total = 0
        while students := self._without_access_id():
            ids = self._fresh_ids(len(students))
            rows = [
                {"district_id": self._district, "student_id": student, "access_id": access_id}
                | {"password_mac": None, "issued_at": self._context.now, "minted_at": None}
                for student, access_id in zip(students, ids, strict=True)
            ]
            self._context.session.execute(insert(AccessCredential), rows)
            total += len(rows)
        return total

    def mint(self) -> tuple[MintedPassword, ...]:
        """Give every student without an access password one, and return them in the clear, once."""
        return tuple(minted for chunk in self._minted() for minted in chunk)

    def lock(self, students: Sequence[str]) -> dict[str, str]:
        """Return the Access IDs of students, and let nobody else renew their passwords until the end."""
        query = select(AccessCredential.student_id, AccessCredential.access_id).where(
            AccessCredential.district_id == self._district, AccessCredential.student_id.in_(students)
        )
        locked = query.order_by(AccessCredential.student_id).with_for_update()
        return {row.student_id: row.access_id for row in self._context.session.execute(locked)}

    def renew(self, minted: Sequence[MintedPassword]) -> None:
        """Give students other access passwords; those that they had are void."""
        if minted:
            macs = [{"student": each.student_id, "mac": self._mac(each)} for each in minted]
            self._context.session.connection().execute(self._given(), macs)

    def _minted(self) -> Iterator[list[MintedPassword]]:
        while found := self._without_password():
            chunk = [MintedPassword(student, access, new_access_password()) for student, access in found]
            self.renew(chunk)
            yield chunk

    def _given(self) -> Update:
        return (
            update(AccessCredential)
            .where(
                AccessCredential.district_id == self._district,
                AccessCredential.student_id == bindparam("student"),
            )
            .values(password_mac=bindparam("mac"), minted_at=self._context.now)
        )

    def _mac(self, minted: MintedPassword) -> bytes:
        keys = self._context.keys
        return access_password_mac(keys, self._district, minted.student_id, minted.password)

    def _without_access_id(self) -> Sequence[str]:
        has_one = exists().where(
            AccessCredential.district_id == Student.district_id, AccessCredential.student_id == Student.id
        )
        query = select(Student.id).where(Student.district_id == self._district, ~has_one)
        return self._context.session.scalars(query.order_by(Student.id).limit(CHUNK)).all()

    def _without_password(self) -> list[tuple[str, str]]:
        query = select(AccessCredential.student_id, AccessCredential.access_id).where(
            AccessCredential.district_id == self._district, AccessCredential.password_mac.is_(None)
        )
        found = self._context.session.execute(query.order_by(AccessCredential.student_id).limit(CHUNK))
        return [(row.student_id, row.access_id) for row in found]

    def _fresh_ids(self, count: int) -> list[str]:
        fresh: dict[str, None] = {}  # in the order drawn, which says nothing about the students
        while len(fresh) < count:
            drawn = [new_access_id() for _ in range(count - len(fresh))]
            query = select(AccessCredential.access_id).where(
                AccessCredential.district_id == self._district, AccessCredential.access_id.in_(drawn)
            )
            taken = set(self._context.session.scalars(query))
            fresh |= dict.fromkeys(access_id for access_id in drawn if access_id not in taken)
        return list(fresh)
