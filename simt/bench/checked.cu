// The same with every access checked.
#include "executor.cu"
