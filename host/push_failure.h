/* Why a push failed: in a word, as an exit status, and as an explanation that says what to do. */
#ifndef OTTER_HOST_PUSH_FAILURE_H
#define OTTER_HOST_PUSH_FAILURE_H

#include <stdio.h>

#include "host/complain.h"
#include "host/push_file.h"
#include "host/push_session.h"

enum otter_exit otter_push_failure_status(enum otter_push_failure failure);

/* "no answer", "wrong password". Static. */
const char *otter_push_failure_word(enum otter_push_failure failure);

/* Prints what is wrong with a session that failed: one line, without its end. */
void otter_push_failure_describe(FILE *out, const struct otter_push_session *session);

/* Prints what to do about it, every line ended and begun with INDENT; nothing, where nothing is known.
 * Without an INDENT long lines are not broken. */
void otter_push_failure_advise(FILE *out, const struct otter_push_session *session,
                               const struct otter_push_file *file, const char *indent);

#endif
