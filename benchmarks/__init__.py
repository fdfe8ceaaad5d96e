"""What the program costs, as ratios: each measured against something else in the same run, on the same data."""
