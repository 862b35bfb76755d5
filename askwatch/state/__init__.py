"""The relational truth: tables, repositories and migrations, on SQLite or PostgreSQL."""
