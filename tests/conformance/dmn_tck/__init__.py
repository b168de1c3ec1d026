"""Runs the DMN Technology Compatibility Kit against Clearance: ``python -m tests.conformance.dmn_tck DIRECTORY``."""
