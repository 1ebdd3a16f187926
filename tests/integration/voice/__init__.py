"""Spoken turns in a running Home Assistant."""
