"""Tests of the built-in functions, a file for each theme; the equations are those of the tables of clause 10.3.4."""
