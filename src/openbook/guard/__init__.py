"""What keeps untrusted text from choosing: labels that travel, capabilities, policies, detection, canaries."""
