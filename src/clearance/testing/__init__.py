"""Shipped for users: scenarios, simulated clock, store suite."""
