"""Live conversations through Home Assistant's own doors, against the simulator."""
