/*
 * One flag per statement that says "stop": set by Ctrl-C, a deadline, or a failing task, polled by
 * every task once per batch and by every fetcher between rows. Subscribers are called once, from
 * the cancelling thread, so that blocked source calls can be interrupted (PQcancel, KILL QUERY …).
 * All functions are thread-safe.
 */
#ifndef HOPLUU_BASE_CANCEL_H
#define HOPLUU_BASE_CANCEL_H

#include "engine/base/err.h"

enum cancel_reason { CANCEL_NONE, CANCEL_USER, CANCEL_TIMEOUT, CANCEL_FAILED, CANCEL_DONE };

struct cancel;
struct cancel *cancel_new(void);
void cancel_free(struct cancel *c);
/* First reason wins. Calls the subscribers. */
void cancel_raise(struct cancel *c, enum cancel_reason why);
enum cancel_reason cancel_state(const struct cancel *c); /* one relaxed atomic load */
/* Cancels with CANCEL_TIMEOUT at that clock_monotonic_us() time, from a timer thread shared by the
 * process; 0 removes the deadline. */
void cancel_set_deadline(struct cancel *c, int64_t at_us);
/* fn is called at once when already cancelled. Returns an id. Unsubscribing waits for a call that is
 * running. */
int cancel_subscribe(struct cancel *c, void (*fn)(void *), void *arg);
void cancel_unsubscribe(struct cancel *c, int id);
/* Sets 57014 (by user request / by statement timeout) and returns false when cancelled; a
 * CANCEL_FAILED or CANCEL_DONE gives false without touching e. */
MUST_CHECK bool cancel_check(const struct cancel *c, struct err *e);

#endif
