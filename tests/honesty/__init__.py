"""Published clients of xAI's realtime voice that are not ours, used against the simulator as they are."""
