"""The simulated world of the demo and the tests: cars, people and time that act on the services they are given."""
