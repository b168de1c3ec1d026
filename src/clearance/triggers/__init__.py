"""What starts work by itself: so far, files that appear in a folder."""
