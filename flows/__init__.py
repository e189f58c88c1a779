"""Prefect flows: thin bodies over the services."""
