"""Pictures: made, edited, and looked at."""
