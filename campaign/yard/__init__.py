"""The simulated world of demo and tests: cars, people and time that act on the services they are given."""
