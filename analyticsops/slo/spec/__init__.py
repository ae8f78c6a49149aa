"""What is promised: objectives as they are written, and what that means."""
