"""How a spreadsheet becomes rows."""
