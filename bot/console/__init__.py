"""The staff console: a web page beside the Telegram group."""
