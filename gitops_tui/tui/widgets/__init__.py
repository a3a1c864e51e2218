"""What screens are made of; everything that can grow long is drawn by line (`lines`)."""
