"""DMN XML in and out, versions 1.1 to 1.5."""
