/* hopluu serve: the PostgreSQL server as a program. */
#ifndef HOPLUU_TOOLS_SERVE_SERVE_H
#define HOPLUU_TOOLS_SERVE_SERVE_H

int serve_main(int argc, char **argv);

#endif
