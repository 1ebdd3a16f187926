"""Written turns in a running Home Assistant."""
