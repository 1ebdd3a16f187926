"""A server that stands in for xAI's API: strict, scriptable and honest about its faults."""
