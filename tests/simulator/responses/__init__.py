"""The endpoint that answers, the lists of models, and what an answer costs."""
