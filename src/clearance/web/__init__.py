"""The HTTP API, live events and log-in; serves the built user interface."""
