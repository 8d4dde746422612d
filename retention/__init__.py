import os

# Before numpy is loaded. Work is spread over chunks of arrays by threads of our own; BLAS threads
# beside them only wait for each other: on two busy cores a training took eight times the time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
