"""Sound for players, and pictures fit to leave the house."""
