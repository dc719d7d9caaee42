"""Throw-away services for the demo and the system tests: started privately, stopped exactly."""
