"""Questions to the views: one file a subject, plain functions of a :class:`clearance.views.reader.Reader`.

Answers are structs whose names, once encoded, are those of the HTTP API; keys are text there, because JSON readers in
browsers lose digits of 64-bit numbers. Who may see what is not decided here: callers pass what they may see.
"""
