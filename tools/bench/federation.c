#include "tools/bench/bench.h"
int federation_main(int argc, char **argv) { (void)argc; (void)argv; return 0; }
