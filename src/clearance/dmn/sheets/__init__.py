"""Decision tables in spreadsheets: Excel workbooks and CSV files, in and out. The layout is in docs/dmn.md."""
