"""One file an element: how it behaves."""
