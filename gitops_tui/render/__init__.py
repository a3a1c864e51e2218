"""Files of a commit to the objects that they declare; reads through a `TreeReader`, knows neither git nor cluster."""
