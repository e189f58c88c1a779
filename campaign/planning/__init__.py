"""What a planner decides ahead, pure."""
