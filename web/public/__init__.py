"""Serve the district's public pages: the ways in that the guides describe and e-mails lead to."""
