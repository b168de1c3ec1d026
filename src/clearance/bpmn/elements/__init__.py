"""One file an element: how it is read from and written to BPMN XML."""
