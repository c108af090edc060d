/* JSON (RFC 8259), written as it comes, on one line. */
#ifndef OTTER_HOST_JSON_H
#define OTTER_HOST_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* KEY is NULL inside an array and for the outermost value. */
struct otter_json {
    FILE *out;
    bool comma; /* a value stands before the next one */
};

void otter_json_open_object(struct otter_json *json, const char *key);
void otter_json_close_object(struct otter_json *json);
void otter_json_open_array(struct otter_json *json, const char *key);
void otter_json_close_array(struct otter_json *json);

/* VALUE is escaped; bytes that are no valid UTF-8 become U+FFFD. */
void otter_json_string(struct otter_json *json, const char *key, const char *value);
void otter_json_number(struct otter_json *json, const char *key, int64_t value);
void otter_json_bool(struct otter_json *json, const char *key, bool value);

/* Ends the line. */
void otter_json_end(struct otter_json *json);

#endif
