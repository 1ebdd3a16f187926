"""Tests of the home in a prompt."""
