"""Partners: cards, verification by two officers, streams, receipts, refusals, quotas, suspension (faces.md 2)."""
