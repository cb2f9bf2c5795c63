"""What libhdf5 and h5py raise about things that they cannot read, or a file cannot hold."""

FAULTS = (
    *(OSError, RuntimeError, ValueError, KeyError, TypeError),
    *(MemoryError, NotImplementedError, OverflowError),
)
