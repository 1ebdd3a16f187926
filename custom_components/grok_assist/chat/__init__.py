"""One written turn."""
