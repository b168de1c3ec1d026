"""What runs shards: the way in, the loop, actors' threads, clocks; started and stopped as one."""
