"""What the program tells of itself to who keeps it: its log, and how long its pages took."""
