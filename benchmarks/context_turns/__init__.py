"""What a model is told of a home, whether it can answer from it, and what that costs."""
