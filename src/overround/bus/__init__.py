"""Messages between the parts of one process (and, later, between processes)."""
