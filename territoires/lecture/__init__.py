"""One reader of what people send: file → encoding → cells → values → faults, for every door."""
