"""Prefect: flows, their deployments, and how they are asked for.

A flow reads our database, acts through the use cases and may die at any line: the next run goes on. What is
asked of a Prefect server from outside a run (`rest`, `starting`, `tending`) does not import Prefect, which
costs a process 60 MB and a second.
"""
