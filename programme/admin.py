"""Where Django looks for admin screens: they live in the back-office."""

from programme.backoffice import ecrans
from programme.backoffice.identite import administration

__all__ = ["administration", "ecrans"]
