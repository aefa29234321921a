"""What whoever runs the bot does beside it: keep it, bring it back, start another one, see what comes next."""
