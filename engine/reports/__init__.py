"""What the losses teach: each report counts the store's rows once, account by account, and returns a `Report`.

One file per report; `catalogue.py` lists them. What each counts, in words: docs/reports.md.
"""
