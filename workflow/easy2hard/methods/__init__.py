"""Methods of supervision: one file each, found by name; each gives `predict(job)`."""
