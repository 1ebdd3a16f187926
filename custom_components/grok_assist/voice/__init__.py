"""One spoken turn inside Home Assistant."""
