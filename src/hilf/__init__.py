"""hilf: a node that a nation runs to defend itself together with others."""

__version__ = "0.1.0"
