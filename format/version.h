/* The order of versions, as people write them: "1.10" is above "1.9", "2.0-rc1" below "2.0". */
#ifndef OTTER_FORMAT_VERSION_H
#define OTTER_FORMAT_VERSION_H

#include <stdbool.h>

/* Below, equal to, or above 0, as LEFT is below, equal to or above RIGHT. Numbers compare as numbers, other
 * text by its characters, and is below a number; a 'v' before the first digit counts for nothing, nor does
 * what follows a '+' (as in Semantic Versioning 2.0.0, section 10); what follows a '-' comes before the
 * version without it (section 11). */
int otter_version_compare(const char *left, const char *right);

/* True if it begins as a version does: a digit, or 'v' and a digit. The order of others means little. */
bool otter_version_is(const char *text);

#endif
