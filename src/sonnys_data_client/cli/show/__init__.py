"""What the command line shows and writes: screen, progress, tables, files."""
