"""One measured experiment for each question people must decide, on their own data or on what openbook carries."""
