"""A séance prepared, tried, then applied in one act: see `programme.models.preparation`."""
