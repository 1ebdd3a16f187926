"""Forms in a running Home Assistant."""
