"""What nations agreed: the accord, its clauses and signatures, and the decision to release."""
