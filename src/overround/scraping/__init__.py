"""Finding events, asking for them in the right order, and taking in what comes back."""
