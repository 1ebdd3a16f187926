"""Live conversations: who may have one, the door to them, and each of them from its opening to its end."""
