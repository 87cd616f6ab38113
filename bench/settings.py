"""The site's settings, with one empty view more; who measures the API may ask it often."""

from programme.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
API_PAR_MINUTE = 1_000_000
