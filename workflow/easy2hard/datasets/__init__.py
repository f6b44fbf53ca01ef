"""Dataset plug-ins: one file each, found by name; each gives `load(source, options)`."""
