"""`hilf demo`: three fictional nations on loopback, the whole story."""
