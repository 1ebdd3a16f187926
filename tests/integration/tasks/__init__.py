"""AI tasks in a running Home Assistant."""
