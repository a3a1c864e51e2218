"""One module a screen; what they share is in `cockpit`."""
