"""Tests of claims that an order was carried out."""
