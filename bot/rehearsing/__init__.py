"""Walk made-up families through everything that a district offers, before real ones come."""
