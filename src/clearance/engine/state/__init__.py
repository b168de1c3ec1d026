"""What a shard holds: streams and their instances, look-ups, what is deployed, the links to other shards."""
