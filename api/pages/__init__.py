"""The pages people see: rendered on the server, usable without JavaScript, live with it."""
