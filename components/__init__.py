"""The resources: components that register the plan with Pulumi, and decide nothing."""
