"""End-to-end tests: a whole Home Assistant process, the simulator of xAI, and nothing faked between them."""
