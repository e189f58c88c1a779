"""The one truth: the only place that knows SQLAlchemy."""
