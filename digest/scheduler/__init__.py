"""When things happen: which slots are due, and the daemon that acts on it."""
