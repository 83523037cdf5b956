"""The shipped tools: ask and search documents, calculate, dates, units, files under a root, pages on an allow list."""
