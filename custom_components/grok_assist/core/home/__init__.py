"""The home in a prompt."""
