"""Signing in and out over plain HTTP, and the gate that lets nobody else in."""
