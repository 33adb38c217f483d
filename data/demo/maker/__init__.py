"""Write the two demo districts as the files that a real district would import."""
