"""What of the house is known, in a running Home Assistant."""
