"""Cost of a spoken turn: a real Home Assistant, satellites on real wires, and a simulator that speaks in real time."""
