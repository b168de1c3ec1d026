"""The engine: intake, loop, dispatch, timers, replay and chain around the kernel."""
