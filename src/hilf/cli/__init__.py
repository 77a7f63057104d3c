"""`hilf …`: arguments, printing, progress; one file per room."""
