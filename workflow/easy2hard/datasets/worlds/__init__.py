"""Generated worlds: datasets whose facts, corpus and questions are drawn from a seed."""
