"""Tests of Grok Assist."""
