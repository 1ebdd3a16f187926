"""The live conversation's protocol and its rules, without Home Assistant."""
