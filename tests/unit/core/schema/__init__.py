"""Tests of schemas and answers."""
