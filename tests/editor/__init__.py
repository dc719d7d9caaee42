"""The YAML language server, asked as an editor asks it."""
