"""Name what may go wrong that is not an expected refusal."""


class PortalError(Exception):
    """Report a bug, an outage or an unusable input file; expected refusals are returned instead."""


class SettingsError(PortalError):
    """Report a setting that the portal cannot start with; the message says what to do."""


class ImportRefusedError(PortalError):
    """Report that an import changed nothing; the message names file, row and column."""
