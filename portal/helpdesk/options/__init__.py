"""Let a district administrator change the options of the district."""
