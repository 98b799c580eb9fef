/* hopluu audit verify|show. */
#ifndef HOPLUU_TOOLS_ADMIN_AUDIT_COMMAND_H
#define HOPLUU_TOOLS_ADMIN_AUDIT_COMMAND_H

int audit_main(int argc, char **argv);

#endif
