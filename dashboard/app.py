"""The Streamlit script: everything stands in `dashboard.frame`."""

from dashboard.frame import run

run()
