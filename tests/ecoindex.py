"""The EcoIndex of a page by its published formula (cnumr/GreenIT-Analysis): its elements, requests
and kilobytes, each placed among twenty quantiles of the web, counted three, two and one times.

Elements within a drawing do not count, the drawing itself does.
"""

from bisect import bisect_right

ELEMENTS = (0, 47, 75, 159, 233, 298, 358, 417, 476, 537, 603)
ELEMENTS += (674, 753, 843, 949, 1_076, 1_237, 1_459, 1_801, 2_479, 594_601)
REQUESTS = (
    0,
    2,
    15,
    25,
    34,
    42,
    49,
    56,
    63,
    70,
    78,
    86,
    95,
    105,
    117,
    130,
    147,
    170,
    205,
    281,
    3_920,
)
KILOBYTES = (0, 1.37, 144.7, 319.53, 479.46, 631.97, 783.38, 937.91, 1_098.62, 1_265.47, 1_448.32)
KILOBYTES += (1_648.27, 1_876.08, 2_142.06, 2_465.37, 2_866.31, 3_401.59, 4_155.73, 5_400.08)
KILOBYTES += (8_037.54, 223_212.26)
GRADES = ((80, "A"), (70, "B"), (55, "C"), (40, "D"), (25, "E"), (10, "F"), (0, "G"))

COUNT_ELEMENTS = "document.querySelectorAll('*').length - document.querySelectorAll('svg *').length"


def quantile(quantiles, value):
    """The place of a value among the quantiles: 0 at the first, 20 at the last."""
    rank = bisect_right(quantiles, value)
    if rank == len(quantiles):
        return float(rank - 1)
    below, above = quantiles[rank - 1], quantiles[rank]
    return rank - 1 + (value - below) / (above - below)


def ecoindex(elements, requests, kilobytes):
    """From 0 to 100, the lighter the higher."""
    return 100 - 5 / 6 * (
        3 * quantile(ELEMENTS, elements)
        + 2 * quantile(REQUESTS, requests)
        + quantile(KILOBYTES, kilobytes)
    )


def grade(index):
    return next(letter for floor, letter in GRADES if index >= floor)
