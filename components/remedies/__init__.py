"""Change how the candidate is trained so that it treats groups alike: one file per remedy."""
