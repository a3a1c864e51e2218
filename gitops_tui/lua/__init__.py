"""Lua customisations: read from a folder, and run where they can do no harm (docs/decisions/lua-in-a-child.md)."""
