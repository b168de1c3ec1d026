"""BPMN 2.0 XML in and out."""
