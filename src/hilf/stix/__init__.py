"""STIX 2.1: split a stream into objects, judge each alone, read what it speaks of."""
