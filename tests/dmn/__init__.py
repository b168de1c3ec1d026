"""Tests of clearance.dmn, one file for each part."""
