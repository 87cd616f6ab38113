"""Where Django looks for admin screens: they live in the back-office."""

from programme.backoffice import ecrans

__all__ = ["ecrans"]
