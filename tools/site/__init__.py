"""The site: docs/ as pages for a browser, and what is asked of them."""
