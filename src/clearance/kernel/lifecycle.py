"""The life of an element instance, as a table (BPMN 2.0.2, figure 13.2, reduced to what is observable).

A failure does not change the state: an element with an incident stays where it was and goes on from there once the
incident is resolved.
"""

TRANSITIONS: dict[str, frozenset[str]] = {
    "activating": frozenset({"activated", "terminating"}),
    "activated": frozenset({"completing", "terminating"}),
    "completing": frozenset({"completed", "terminating"}),
    "terminating": frozenset({"terminated"}),
    "completed": frozenset(),
    "terminated": frozenset(),
}
