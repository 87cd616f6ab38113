"""The site's settings, with one empty view more."""

from programme.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
