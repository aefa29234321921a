"""Passerelle."""

import os

# Before numpy is imported: its products then take the thread that asks for them, and what is long is shared out by
# ourselves. On a busy machine OpenBLAS's own threads wait for one another: learning took 40 s instead of 13.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
