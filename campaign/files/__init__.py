"""Lists in, rejects out."""
