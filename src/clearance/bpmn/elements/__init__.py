"""One BPMN element, one file: how it is read from XML and how it is written.

``registry.py`` is the table of them. To add an element, write its file and add its line there.
"""
