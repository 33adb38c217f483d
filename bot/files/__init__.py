"""Make the private files of parents: charts, printed pages, their children's data, calendars."""
