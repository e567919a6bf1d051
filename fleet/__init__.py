"""The model of a fleet: what a stack file may say, and what it resolves to. Pure; never imports pulumi."""
