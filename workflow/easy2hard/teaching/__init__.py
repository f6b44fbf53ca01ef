"""Published training sets, made into what generators and evaluators learn from. One file a plug-in."""
