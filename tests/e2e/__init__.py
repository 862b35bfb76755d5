"""The whole way: the same story on every set of back ends."""
