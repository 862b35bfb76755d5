"""Scrapy spiders: what is pulled from the web."""
