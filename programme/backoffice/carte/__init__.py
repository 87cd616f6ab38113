"""The acts of a séance on the map: shown before they are done, recorded as decisions."""
