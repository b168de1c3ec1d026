"""Soundness and data: what can be known of a process before it runs."""
