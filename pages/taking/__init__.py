"""What is taken along beside the pages: tables, where they are kept and the route by which they go, and the files of submissions."""
