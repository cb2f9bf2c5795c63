"""HDF5: the only package that imports h5py. It knows no entity by name, upgrades excepted."""
