/* The session's named prepared statements. */
#include <stdlib.h>
#include <string.h>

#include "engine/session/session_int.h"

struct named_prepared {
	struct named_prepared *next;
	char *name;
	struct prepared *prepared;
};

static struct named_prepared **find(struct named_prepared **at, const char *name)
{
	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

static void drop(struct named_prepared **at)
{
	struct named_prepared *n = *at;

	*at = n->next;
	prepared_unref(n->prepared);
	free(n->name);
	free(n);
}

struct prepared *session_named(const struct session *s, const char *name)
{
	struct named_prepared *n = *find(session_named_list((struct session *)s), name);

	return n ? n->prepared : NULL;
}

void session_add_named(struct session *s, const char *name, struct prepared *p)
{
	struct named_prepared **list = session_named_list(s), *n = calloc(1, sizeof *n);

	ASSERT(n);
	if (*find(list, name))
		drop(find(list, name));
	n->name = strdup(name);
	n->prepared = prepared_ref(p);
	n->next = *list;
	*list = n;
}

bool session_deallocate(struct session *s, const char *name)
{
	struct named_prepared **at = session_named_list(s);

	if (name) {
		at = find(at, name);
		if (!*at)
			return false;
		drop(at);
		return true;
	}
	while (*at)
		if (*(*at)->name)
			drop(at);
		else
			at = &(*at)->next;
	return true;
}
