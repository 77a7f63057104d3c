"""Assertions of STIX objects: kept, indexed, found, erased."""
