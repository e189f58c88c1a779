"""Pieces of pages: pure functions from values to markup or chart options. No rule, no read, no Streamlit."""
