"""Benches: what the system costs, as ratios taken in one run on one machine."""
