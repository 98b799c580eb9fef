/* `hopluu catalog`: making, checking, listing and dumping a catalog, for administrators. */
#ifndef HOPLUU_TOOLS_ADMIN_CATALOG_COMMAND_H
#define HOPLUU_TOOLS_ADMIN_CATALOG_COMMAND_H

int catalog_main(int argc, char **argv);

#endif
