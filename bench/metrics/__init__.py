"""The metric registry measured on generated projects."""
