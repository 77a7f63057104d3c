"""What a reader may see of an assertion: the states of `accord.placing`, as the column holds them."""

from hilf.accord.placing import ObjectState

__all__ = ["ObjectState"]
