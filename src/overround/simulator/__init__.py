"""The simulated world: one goals model, a world clock, three bookmakers' own wire formats, faults on request."""
