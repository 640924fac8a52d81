"""Desired + recorded + actual → Plan.

In: a Project, a state Snapshot and both databases (only `refresh` looks at them).
Out: a frozen Plan whose steps are all that `engine` will do.
"""
