"""Decisions (DMN 1.5): reading, evaluating, explaining and checking them."""
