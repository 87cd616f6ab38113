"""A request that stands for another: what was received stays as it was."""


def request_with(request, **values):
    """A request like this one with other `values`; this one stays as it was received."""
    # Not `copy`: pickling's own words would leave its address and its cookies behind.
    other = request.__class__.__new__(request.__class__)
    other.__dict__.update(request.__dict__)
    for name, value in values.items():
        setattr(other, name, value)
    return other
