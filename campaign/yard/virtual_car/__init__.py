"""A virtual electric car: control units of gallia's UDSServer behind DoIP (ISO 13400-2) on loopback."""
