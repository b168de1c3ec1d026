"""What all tests share: properties are judged by what they find, never by how long a busy machine takes for it."""

from hypothesis import settings

settings.register_profile("tests", deadline=None)
settings.load_profile("tests")
