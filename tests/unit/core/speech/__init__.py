"""Tests of words that are spoken."""
