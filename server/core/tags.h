/* Tags of devices, and queries over them. */
#ifndef OTTER_CORE_TAGS_H
#define OTTER_CORE_TAGS_H

#include <stdbool.h>

#include "format/error.h"
#include "server/store/records.h"

/* Brings what somebody typed, words with spaces or commas between them, into the form of struct otter_device:
 * lower case, sorted, none twice. False if a word has other characters than [a-z0-9._-], or they are too
 * many; OUT is then as it was. */
OTTER_MUST_CHECK bool otter_tags_decode(char out[OTTER_TAGS_SIZE], const char *text);

/* The same for a query: words, each of which a device must have, or, with '!' before it, must not have. */
OTTER_MUST_CHECK bool otter_tag_query_decode(char out[OTTER_TAGS_SIZE], const char *text);

/* True if a device with TAGS meets QUERY, both decoded. The empty query is met by all. */
bool otter_tag_query_matches(const char *query, const char *tags);

#endif
