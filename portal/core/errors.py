"""Name what may go wrong that is not an expected refusal."""


class PortalError(Exception):
    """Report a bug, an outage or an unusable input file; expected refusals are returned instead."""


class UnavailableError(PortalError):
    """Report that the database did not answer in time; nothing was changed, and trying again may help."""


class SettingsError(PortalError):
    """Report a setting that the portal cannot start with; the message says what to do."""


class ImportRefusedError(PortalError):
    """Report that an import changed nothing; the message names file, row and column."""
