"""The realtime speech-to-speech endpoint of the simulated vendor."""
