"""The HTTP API, live events, log-in, and the built user interface.

``app.py`` puts it together; ``exchange.py`` is what every route has in common; ``access.py`` asks the gate before a
person acts or sees; ``routes/`` has one file a resource. Resource names, paths and bodies are those of the Camunda 8
Orchestration Cluster REST API v2 where the resource exists there.
"""
