"""Tests of sound and pictures."""
