"""What the real service may do otherwise than the simulator does by default."""
