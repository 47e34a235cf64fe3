"""Derived files: everything here can be rebuilt from the plan, the facts and the stored results."""
