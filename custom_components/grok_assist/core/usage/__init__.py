"""What was used, what it costs, and what is left."""
