"""The plan: specs in, planned resources out. Pure; never imports pulumi."""
