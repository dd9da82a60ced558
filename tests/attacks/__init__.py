"""What scripts and cheats try, each through the real collector, its records, the real rules and
`xueshi explain`: it earns no more than real time, and what was refused says why.
"""
