"""What runs on the station: standard library only."""
