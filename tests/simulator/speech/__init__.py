"""Spoken language in the simulator: what it hears, how it speaks, and the endpoints that do both."""
