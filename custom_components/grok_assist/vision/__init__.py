"""Pictures: which may be seen, how they are taken, and where they go."""
