"""The only place where the rules and the adapters meet."""
