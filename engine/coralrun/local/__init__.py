"""A service: classification on this computer or on a Dask cluster, `service: local`."""
