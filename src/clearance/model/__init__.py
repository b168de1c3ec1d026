"""Frozen data that every other package speaks: definitions, graphs, commands, events, values, ports."""
