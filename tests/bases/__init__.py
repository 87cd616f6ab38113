"""A base of each release, kept as its code made it: what a new version must open without loss.

`fabriquer` made the folders, `coupe` chose the data, `histoire` is what its officers did;
`test_bases` restores each on both databases, brings it to today's code and looks for every row.
"""
