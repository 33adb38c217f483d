"""Show, preview and save what a district administrator changes of the options."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import Configured, Districts
from portal.core.options import DEFAULT_SCHOOL, DistrictOptions, read_options
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.overlay import Effective, Override, laid_over, merge, taken
from portal.helpdesk.options.counting import Counting
from portal.helpdesk.options.fields import Kind, OptionField, all_fields
from portal.helpdesk.options.outcomes import (
    OptionChange,
    OptionsEdited,
    OptionSheet,
    OptionsPreview,
    Overridden,
    Standing,
)
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.sis.models import School

# The district above its schools is an organisation too; parents call the district's own help desk there.
_DISTRICT = "district"
# As it stands in the header that lets a site put the chat into its pages; anything more could end the header.
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(?::\d{1,5})?")


class EditingOptions:
    """Edit the options of a member's own district; the district's file stays the base."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._districts = Districts(context)

    def show(self, member: StaffMember) -> OptionSheet | Refused:
        """Return the options as they count, and what of them the console set."""
        if not member.may(Deed.EDIT_OPTIONS):
            return Refused(Reason.FORBIDDEN)
        configured = self._districts.configured(member.district)
        schools = self._schools(member.district)
        fields = list(all_fields(list(self._keys(configured.counts.options, schools))))
        values = {field.name: field.of(configured.counts.options) for field in fields}
        overridden = self._overridden(configured, {field.path: field for field in fields})
        return OptionSheet(configured.version, values, overridden, schools)

    def preview(self, member: StaffMember, typed: Mapping[str, Any]) -> OptionsPreview | Refused:
        """Return what would change if these options, by name, got these values; nothing is changed."""
        if not member.may(Deed.EDIT_OPTIONS):
            return Refused(Reason.FORBIDDEN)
        configured = self._districts.configured(member.district)
        laid = self._laid(member, configured, typed)
        if isinstance(laid, Refused):
            return laid
        changes = self._changes(member.district, configured.counts, laid[1], typed)
        return OptionsPreview(
            configured.version, changes, Counting(self._context, member.district).accounts()
        )

    def save(
        self, member: StaffMember, typed: Mapping[str, Any], *, version: int, why: str
    ) -> OptionsEdited | Refused:
        """Let the options have these values from now on; OUTDATED when somebody edited them since."""
        if not member.may(Deed.EDIT_OPTIONS):
            return Refused(Reason.FORBIDDEN)
        if not why.strip():
            return Refused(Reason.FIELDS_REFUSED, violations=(Violation("empty", field="why"),))
        configured = self._districts.configured(member.district, to_edit=True)
        if configured.version != version:
            return Refused(Reason.OUTDATED)
        laid = self._laid(member, configured, typed)
        if isinstance(laid, Refused):
            return laid
        return self._saved(member, configured, laid, why, typed)

    def take_back(self, member: StaffMember, name: str, *, version: int) -> OptionsEdited | Refused:
        """Let an option that the console set be as the file says again."""
        if not member.may(Deed.EDIT_OPTIONS):
            return Refused(Reason.FORBIDDEN)
        configured = self._districts.configured(member.district, to_edit=True)
        if configured.version != version:
            return Refused(Reason.OUTDATED)
        left = [each for each in configured.overrides if ".".join(each.path) != name]
        if len(left) == len(configured.overrides):
            return Refused(Reason.ALREADY_DONE)
        laid = left, laid_over(member.district, configured.file, left)
        return self._saved(member, configured, laid, "", {name: None})

    def keep(self, member: StaffMember, name: str, *, version: int) -> OptionsEdited | Refused:
        """Let the console's value of an option go on counting although the file changed: it is decided."""
        if not member.may(Deed.EDIT_OPTIONS):
            return Refused(Reason.FORBIDDEN)
        configured = self._districts.configured(member.district, to_edit=True)
        if configured.version != version:
            return Refused(Reason.OUTDATED)
        decided = [
            replace(each, base=taken(configured.file, each.path)) if ".".join(each.path) == name else each
            for each in configured.overrides
        ]
        if decided == list(configured.overrides):
            return Refused(Reason.ALREADY_DONE)
        laid = decided, laid_over(member.district, configured.file, decided)
        return self._saved(member, configured, laid, "", {name: None})

    def _laid(
        self, member: StaffMember, configured: Configured, typed: Mapping[str, Any]
    ) -> tuple[list[Override], Effective] | Refused:
        options = configured.counts.options
        known = {
            each.name: each for each in all_fields(list(self._keys(options, self._schools(member.district))))
        }
        if any(name not in known for name in typed):
            return Refused(Reason.INVALID_REQUEST)
        changes = [(known[name], typed[name]) for name in known if name in typed]
        changes = [(field, value) for field, value in changes if value != field.of(options)]
        wrong = _wrong(configured, changes)
        if wrong:
            return Refused(Reason.FIELDS_REFUSED, violations=wrong)
        overrides = {each.path: each for each in configured.overrides}
        at = self._context.now.isoformat()
        for field, value in changes:
            base = taken(configured.file, field.path)
            overrides[field.path] = Override(field.path, value, base, member.staff_id, at)
        laid = list(overrides.values())
        return laid, laid_over(member.district, configured.file, laid)

    def _saved(
        self,
        member: StaffMember,
        configured: Configured,
        laid: tuple[list[Override], Effective],
        why: str,
        typed: Mapping[str, Any],
    ) -> OptionsEdited | Refused:
        overrides, counts = laid
        changes = self._changes(member.district, configured.counts, counts, typed)
        if list(configured.overrides) == overrides:
            return Refused(Reason.ALREADY_DONE)
        self._districts.lay_over(member.district, overrides)
        Audit(self._context).record(
            member.district,
            AuditEvent.OPTIONS_EDITED,
            by=member.by,
            options=", ".join(each.field.name for each in changes) or ", ".join(typed),
            before=_told({each.field.name: each.before for each in changes}),
            after=_told({each.field.name: each.after for each in changes}),
            why=why.strip(),
        )
        return OptionsEdited(changes)

    def _changes(
        self, district: str, before: Effective, after: Effective, typed: Mapping[str, Any]
    ) -> list[OptionChange]:
        counting, schools = Counting(self._context, district), self._schools(district)
        keys = {**self._keys(before.options, schools), **self._keys(after.options, schools)}
        found = []
        for field in all_fields(list(keys)):
            old, new = field.of(before.options), field.of(after.options)
            if old != new:
                touched = counting.touched(field.name, new)
                # A field that was shown and not touched may follow from another, as from the profile.
                found.append(OptionChange(field, old, new, typed.get(field.name, old) == new, touched))
        return found

    def _overridden(
        self, configured: Configured, fields: Mapping[tuple[str, ...], OptionField]
    ) -> list[Overridden]:
        named = self._names({each.by for each in configured.overrides})
        return [
            Overridden(
                fields[each.path],
                each.value,
                taken(configured.file, each.path),
                named.get(each.by, ""),
                datetime.fromisoformat(each.at),
                _standing(configured, each),
            )
            for each in configured.overrides
            if each.path in fields
        ]

    def _names(self, staff: set[str]) -> dict[str, str]:
        query = select(StaffRow.staff_id, StaffRow.name).where(StaffRow.staff_id.in_(staff))
        return {row.staff_id: row.name for row in self._context.session.execute(query)}

    def _schools(self, district: str) -> dict[str, str]:
        query = select(School.identifier, School.name).where(
            School.district_id == district, School.retired_at.is_(None), School.type != _DISTRICT
        )
        found = self._context.session.execute(query.order_by(School.name, School.identifier))
        return {identifier: name for identifier, name in found if identifier}

    def _keys(self, options: DistrictOptions, schools: Mapping[str, str]) -> dict[str, None]:
        # The district's own help desk first; a school that only the file names is not lost.
        return dict.fromkeys((DEFAULT_SCHOOL, *schools, *options.help))


def _standing(configured: Configured, override: Override) -> Standing:
    if override.path in configured.counts.aside:
        return Standing.SET_ASIDE
    file = taken(configured.file, override.path)
    if file not in (override.base, override.value):
        return Standing.FILE_CHANGED
    return Standing.COUNTS


def _wrong(configured: Configured, changes: Sequence[tuple[OptionField, Any]]) -> tuple[Violation, ...]:
    """Return the fields whose values cannot be used, alone or with the rest."""
    refused = {field.name for field, value in changes if not _is_typed_well(field, value)}
    usable = [(field.path, value) for field, value in changes if field.name not in refused]
    _, unusable = merge(configured.counts.given, usable, lambda values: read_options("", values))
    refused |= {".".join(path) for path in unusable}
    return tuple(Violation("option", field=field.slot) for field, _ in changes if field.name in refused)


def _is_typed_well(field: OptionField, value: Any) -> bool:
    """Tell what the reader of the file leaves open, because whoever writes the file runs the machine."""
    match field.kind:
        case Kind.ORIGINS:
            return all(_ORIGIN.fullmatch(each) for each in value)
        case Kind.LANGUAGES:
            return bool(value)
        case _:
            return True


def _told(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True)
