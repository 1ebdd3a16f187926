"""Schemas of tools and answers, and the answers checked against them."""
