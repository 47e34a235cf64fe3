"""Small values that everybody reads alike: identities, numbers, addresses of photos, what "not known" is."""
