"""Tests of FEEL, a file for each file of the package."""
