"""French text made comparable (`texte`), and the territory of a commune (`commune`)."""
