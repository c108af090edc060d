/* Why an upload failed: in a word, as an exit status, and as an explanation that says what to do. */
#ifndef OTTER_HOST_UPLOAD_FAILURE_H
#define OTTER_HOST_UPLOAD_FAILURE_H

#include <stdio.h>

#include "host/complain.h"
#include "host/upload_session.h"

enum otter_exit otter_upload_failure_status(enum otter_upload_failure failure);

/* "no answer", "wrong password". Static. */
const char *otter_upload_failure_word(enum otter_upload_failure failure);

/* Prints what is wrong with a session that failed: one line, without its end. */
void otter_upload_failure_describe(FILE *out, const struct otter_upload_session *session);

/* Prints what to do about it, every line ended and begun with INDENT; without one, long lines are not broken.
 */
void otter_upload_failure_advise(FILE *out, const struct otter_upload_session *session, const char *indent);

#endif
