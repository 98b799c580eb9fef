/* `hopluu shell`: questions on a terminal, from a file, the command line or a pipe. Exit status: 0, 1 when a statement
 * failed, 2 for a wrong command line or a catalog that can't be opened. */
#ifndef HOPLUU_TOOLS_SHELL_SHELL_H
#define HOPLUU_TOOLS_SHELL_SHELL_H

int shell_main(int argc, char **argv);

#endif
