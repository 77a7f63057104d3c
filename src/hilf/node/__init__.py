"""The verbs: read, judge once, write once in one transaction, announce."""
