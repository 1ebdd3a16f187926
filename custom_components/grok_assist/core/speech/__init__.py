"""Words that are spoken."""
