"""Tests of the user's yes."""
