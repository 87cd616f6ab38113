"""Following without an account: what, by whom, and the one digest a day that tells it."""
