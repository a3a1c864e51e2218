"""Resource actions (semantics 1.13): which an object has now, and what one would change; pure."""
