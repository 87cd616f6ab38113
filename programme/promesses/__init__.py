"""What became of each promise of an opérateur: its status, never typed."""
