"""Policy, gate and masking: nothing acts without clearance."""
