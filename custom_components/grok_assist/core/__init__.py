"""Rules and words of the integration that know neither Home Assistant nor the network."""
