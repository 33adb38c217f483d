"""Read the files of student information systems, one file a format."""
