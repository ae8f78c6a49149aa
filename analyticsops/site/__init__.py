"""The report as a static site: what stands in the artifacts and the history, as chunks of JSON that
a page loads when somebody looks at them."""
