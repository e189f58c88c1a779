"""Flash drivers that need libraries: they run on a station, packed with those into drivers.pyz.

They know the standard library, their libraries and `campaign.station_agent`, and nothing else of ours.
"""
