"""Clearance: the control tower for AI work."""

__version__ = "0.1.0"
