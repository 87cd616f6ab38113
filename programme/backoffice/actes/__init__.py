"""Life-cycles as acts: each is declared once, has a page of its own, and says why it may not be."""
