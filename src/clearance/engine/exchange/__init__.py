"""What goes from shard to shard."""
