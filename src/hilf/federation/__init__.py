"""What passes between nodes: acts, streams, receipts, retractions. No sockets here."""
