"""What people did, saw, tried and were denied."""
