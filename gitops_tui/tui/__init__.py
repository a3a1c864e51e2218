"""The cockpit and the wall: they draw snapshots and post requests. Nothing in here blocks or holds a rule."""
