"""What happens by itself and when: interval jobs, and the watchdog over runs."""
