/* The push receiver's side of authentication (spec/push.md, section 3). The receiver's own. */
#ifndef OTTER_DEVICE_PUSH_AUTH_H
#define OTTER_DEVICE_PUSH_AUTH_H

#include "otter/push.h"

/* Digits of nonce, cnonce and response: 32 or 64, as the era has it. */
uint8_t otter_push_digits(const struct otter_push *push);

/* Sets the password hash from the settings; empty if there is no password. OTTER_ERROR_ARGUMENT. */
OTTER_MUST_CHECK int otter_push_set_passhash(struct otter_push *push);

/* Sets a nonce that nobody can foresee. OTTER_ERROR_ENTROPY. */
OTTER_MUST_CHECK int otter_push_make_nonce(struct otter_push *push);

/* Prepares the check of the response in push->request. */
void otter_push_start_check(struct otter_push *push);

/* Does a slice of the check; true once RIGHT is set. */
bool otter_push_check(struct otter_push *push, bool *right);

#endif
