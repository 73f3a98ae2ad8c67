"""What people look at: one offline page per run, tables and charts for notebooks, the history of runs."""
