"""One conversation over xAI's realtime speech-to-speech socket, knowing nothing of Home Assistant."""
