"""Drives a real Home Assistant process, its sample home and the simulator of xAI from outside."""
