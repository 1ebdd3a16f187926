"""Asks the real service about everything that was never seen live, and writes down what it said."""
