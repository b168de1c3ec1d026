"""What all tests share: properties are judged by what they find, never by how long a busy machine takes for it.

``make test`` tries the same examples every time, so that a change is judged by what it did; ``make explore`` tries new
ones, and what it finds becomes a test of its own.
"""

from hypothesis import settings

settings.register_profile("tests", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("tests")
