"""Where prices outlive the process: the spool that accepts them, the queue that writes them, the database."""
