"""Tests of the spoken turn's parts that need a running loop, and no Home Assistant that runs."""
