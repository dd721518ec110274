"""SportPesa: its answers can be parsed; it is never asked. See README.md."""
