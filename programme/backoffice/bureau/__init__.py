"""The committee's desk: what waits, what is missing, what is late, what has changed."""
