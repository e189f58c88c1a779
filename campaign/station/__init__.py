"""The station link: the only place that knows paramiko."""
