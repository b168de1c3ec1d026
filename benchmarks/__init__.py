"""Ours beside the peers: the same work in one run, medians and ratios."""
