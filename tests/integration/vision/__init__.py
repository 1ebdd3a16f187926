"""Pictures in a running Home Assistant."""
