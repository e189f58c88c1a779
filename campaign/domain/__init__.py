"""The rules, pure: no I/O, no clock, standard library only."""
