"""Git repositories read without a checkout, and reverts pushed to them; an adapter, no policy."""
