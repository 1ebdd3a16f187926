"""The live protocol and its rules."""
