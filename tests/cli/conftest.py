from tests.homes import made_two_officers, officer_keys, qn, two_officers

__all__ = ["made_two_officers", "officer_keys", "qn", "two_officers"]
