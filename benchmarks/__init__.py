"""The yardstick: what coralrun costs in time, requests and computing, against other ways to use the same server.

Rule: time is virtual and everything else is counted, so the same seeds give the same table on any machine; only
`scale` and `inputs` measure seconds and bytes of this one. `make bench` runs all of it and rewrites RESULTS.md.
"""
