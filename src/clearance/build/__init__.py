"""The Python builder of processes: yields the same definitions as BPMN files."""
