"""The board: Streamlit pages over the services."""
