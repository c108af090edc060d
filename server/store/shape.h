/* The records' shapes: tables of their fields, from which a back end makes its statements, and whoever prints
 * or compares records can walk them. */
#ifndef OTTER_STORE_SHAPE_H
#define OTTER_STORE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum otter_table {
    OTTER_TABLE_PRODUCT,
    OTTER_TABLE_CHANNEL,
    OTTER_TABLE_ROUTE,
    OTTER_TABLE_RELEASE,
    OTTER_TABLE_DEVICE,
    OTTER_TABLE_EVENT,
    OTTER_TABLE_ROLLOUT,
    OTTER_TABLE_USER,
    OTTER_TABLE_TOKEN,
    OTTER_TABLE_AUDIT,
    OTTER_TABLE_SETTING,
    OTTER_TABLES
};

enum otter_field_type {
    OTTER_FIELD_INT64,     /* also uint64_t below 2^63 */
    OTTER_FIELD_REFERENCE, /* int64_t; 0 is no record */
    OTTER_FIELD_UINT32,    /* also enum */
    OTTER_FIELD_INT32,
    OTTER_FIELD_BOOL,
    OTTER_FIELD_TEXT,    /* char[size], terminated */
    OTTER_FIELD_BYTES,   /* uint8_t[size] */
    OTTER_FIELD_NUMBERS, /* uint32_t[size / 4]; stored as decimal text up to the first 0 */
};

struct otter_field {
    const char *name; /* of the column, and for matches (store.h) */
    size_t offset;    /* in the record */
    size_t size;      /* bytes in the record */
    enum otter_field_type type;
    bool matches; /* records can be listed by it, by way of an index */
};

struct otter_shape {
    const char *name;                 /* of the table */
    size_t size;                      /* bytes of the record */
    const struct otter_field *fields; /* the key first */
    size_t count;
};

/* Static. */
const struct otter_shape *otter_shape(enum otter_table table);

/* The field of this NAME, or NULL. */
const struct otter_field *otter_shape_field(const struct otter_shape *shape, const char *name);

/* The key of RECORD. */
int64_t otter_shape_key(const struct otter_shape *shape, const void *record);

#endif
