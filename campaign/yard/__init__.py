"""The simulated world of the demo and the tests."""
