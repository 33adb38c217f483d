"""Let staff announce to the families of their schools."""
