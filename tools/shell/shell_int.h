/* What the shell's files share. */
#ifndef HOPLUU_TOOLS_SHELL_SHELL_INT_H
#define HOPLUU_TOOLS_SHELL_SHELL_INT_H

#include <stdatomic.h>
#include <stdio.h>

#include "engine/session/session.h"
#include "tools/shell/format.h"

struct shell {
	struct engine *engine;
	struct session *session;
	FILE *out;               /* where results go */
	bool own_out;            /* opened by -o or \o */
	bool interactive;        /* prompt, pager, progress line */
	bool timing, quiet, stop_on_error;
	enum output_format format;
	bool header;
	char null_text[32];
	bool failed;             /* some statement failed */
	bool quit;
	bool out_closed;         /* nobody reads the output any more */
	atomic_bool interrupted; /* Ctrl-C came during this statement; it ends scripts too */
	struct strbuf buffer;    /* the statement being typed */
	struct strbuf last;      /* what was run last, for \e and the history */
	unsigned runs;           /* how often `last` changed */
	int depth;               /* of \i */
	const char *script;      /* the file being read, for messages; NULL = none */
	int line;                /* where its current statement starts */
};

/* Runs the buffer when it holds a whole statement (force: whatever it holds), and empties it. */
bool shell_run_buffer(struct shell *s, bool force);
/* Runs all statements of text; false when one failed (reported already). */
bool shell_run(struct shell *s, struct str text);
/* A backslash command line (without the backslash's leading blanks). */
bool shell_command(struct shell *s, const char *line);
bool shell_run_file(struct shell *s, const char *path);
/* `FILE:LINE: ERROR 42703: …` with place, detail and hint, on stderr. */
void shell_report(const struct shell *s, const struct err *e, struct str text);
bool shell_set_format(struct shell *s, const char *name);
bool shell_set_output(struct shell *s, const char *path);

/* line.c: editing, history and completion on a terminal. */
struct line_editor;
struct line_editor *line_open(struct shell *s);
/* NULL at end of input; "" with *interrupted for Ctrl-C. Valid until the next call. */
const char *line_read(struct line_editor *l, const char *prompt, bool *interrupted);
void line_remember(struct line_editor *l, struct str statement);
void line_close(struct line_editor *l);
/* complete.c: candidates for the word that ends at the cursor in the text; each is malloc'ed, the list too. The word's
 * start is given back: a candidate replaces all of it. */
size_t complete_words(struct shell *s, struct str text, size_t cursor, size_t *word_start, char ***out);

/* interrupt.c: Ctrl-C during a statement cancels it; progress line after 2 s. */
void interrupt_setup(void);
void interrupt_watch(struct shell *s, struct run *r); /* r NULL: session_start is running */
void interrupt_quiet(void);   /* no more progress lines: rows are being shown */
void interrupt_unwatch(void);
/* When nothing runs, Ctrl-C ends the process (a script that is read from a pipe). */
void interrupt_ends_process(bool yes);

#endif
