"""Texts and names that several tests of the language stage use."""

LABEL_TOPICS = {
    "crm_sales", "marketing_seo", "web_development", "software_development", "cloud_hosting",
    "cybersecurity", "it_support", "data_analytics", "ai_ml", "ecommerce", "accounting_finance",
    "legal", "hr_recruiting", "project_collaboration", "customer_support", "design_branding",
    "telecom_network", "logistics", "construction_property", "training_education", "insurance",
    "manufacturing", "health", "travel_events", "consumer_other", "other_business",
}  # fmt: skip

HOSTILE_TEXTS = [
    "",
    "\x00\x00\x00",
    "a" * 1_000_000,
    "? " * 500_000,
    "recommend " * 100_000,
    "#tag " * 10_000,
    "h" + "\u0300\u0301\u0302\u0489" * 5_000,
    "\ud800 need a crm \udfff?",
    "\u202eneed a crm\u202c \u200f?",
    "1,000.000,000 kr" * 3_000,
    "www." + "a." * 10_000,
    "@" * 20_000,
    "-'/&" * 5_000,
    "\n" * 20_000,
    "\U0001d5d4" * 20_000,
    "by before until " * 4_000,
    "12 345 678 " * 4_000,
    "'" * 20_000,
]
