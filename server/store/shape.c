#include "server/store/shape.h"

#include <string.h>

#include "server/store/records.h"

#define SIZE_OF(record, member) sizeof(((struct otter_##record *)NULL)->member)
#define FIELD(record, type, name, member, matches)                                                           \
    {                                                                                                        \
        name, offsetof(struct otter_##record, member), SIZE_OF(record, member), OTTER_FIELD_##type, matches  \
    }
/* A field that is called as its member, and one that records can be listed by. */
#define PLAIN(record, type, member) FIELD(record, type, #member, member, false)
#define MATCH(record, type, member) FIELD(record, type, #member, member, true)

#define ATTEMPT(prefix, kind, matches)                                                                       \
    FIELD(device, REFERENCE, prefix "release", attempts[kind].release, true),                                \
        FIELD(device, REFERENCE, prefix "rollout", attempts[kind].rollout, matches),                         \
        FIELD(device, UINT32, prefix "state", attempts[kind].state, matches),                                \
        FIELD(device, UINT32, prefix "offers", attempts[kind].offers, false),                                \
        FIELD(device, UINT32, prefix "failures", attempts[kind].failures, false),                            \
        FIELD(device, INT64, prefix "since", attempts[kind].since, false)

static const struct otter_field product[] = {
    PLAIN(product, INT64, id),          MATCH(product, TEXT, name),
    PLAIN(product, TEXT, notes),        PLAIN(product, UINT32, chip),
    PLAIN(product, UINT32, flash_size), PLAIN(product, TEXT, firmware),
    PLAIN(product, UINT32, gzip),       PLAIN(product, UINT32, enrolment),
    PLAIN(product, REFERENCE, channel), PLAIN(product, UINT32, attempts_max),
    PLAIN(product, INT64, created),
};

static const struct otter_field channel[] = {
    PLAIN(channel, INT64, id),
    MATCH(channel, REFERENCE, product),
    MATCH(channel, TEXT, name),
    PLAIN(channel, INT64, created),
};

static const struct otter_field route[] = {
    PLAIN(route, INT64, id),
    MATCH(route, TEXT, path),
    MATCH(route, REFERENCE, product),
    PLAIN(route, REFERENCE, channel),
};

static const struct otter_field release[] = {
    PLAIN(release, INT64, id),           MATCH(release, REFERENCE, product),
    PLAIN(release, UINT32, kind),        PLAIN(release, UINT32, state),
    MATCH(release, TEXT, version),       PLAIN(release, TEXT, notes),
    MATCH(release, BYTES, sha256),       PLAIN(release, BYTES, md5),
    PLAIN(release, UINT32, size),        PLAIN(release, BOOL, compressed),
    PLAIN(release, BOOL, is_signed),     MATCH(release, BYTES, gzip_sha256),
    PLAIN(release, BYTES, gzip_md5),     PLAIN(release, UINT32, gzip_size),
    PLAIN(release, BYTES, image_md5),    PLAIN(release, UINT32, image_size),
    PLAIN(release, UINT32, sketch_size), PLAIN(release, BYTES, flash_md5),
    PLAIN(release, BYTES, flash_sha256), PLAIN(release, UINT32, flash_size),
    PLAIN(release, UINT32, flash_mode),  PLAIN(release, TEXT, firmware),
    PLAIN(release, INT64, created),      PLAIN(release, INT64, published),
};

static const struct otter_field device[] = {
    PLAIN(device, INT64, mac),
    MATCH(device, TEXT, name),
    MATCH(device, REFERENCE, product),
    MATCH(device, REFERENCE, channel),
    MATCH(device, TEXT, tags),
    MATCH(device, REFERENCE, pin),
    MATCH(device, UINT32, enrolment),
    PLAIN(device, INT64, enrolled),
    PLAIN(device, INT64, seen),
    FIELD(device, UINT32, "last_fields", last.fields, false),
    FIELD(device, UINT32, "last_chip", last.chip, false),
    FIELD(device, UINT32, "last_mode", last.mode, false),
    FIELD(device, INT64, "last_ap_mac", last.ap_mac, false),
    FIELD(device, UINT32, "last_chip_id", last.chip_id, false),
    FIELD(device, UINT32, "last_free_space", last.free_space, false),
    FIELD(device, UINT32, "last_sketch_size", last.sketch_size, false),
    FIELD(device, UINT32, "last_chip_size", last.chip_size, false),
    FIELD(device, BYTES, "last_md5", last.md5, false),
    FIELD(device, BYTES, "last_sha256", last.sha256, false),
    FIELD(device, TEXT, "last_sdk", last.sdk, false),
    FIELD(device, TEXT, "last_version", last.version, false),
    MATCH(device, REFERENCE, running),
    MATCH(device, REFERENCE, filesystem),
    ATTEMPT("sketch_", OTTER_RELEASE_SKETCH, true),
    ATTEMPT("filesystem_", OTTER_RELEASE_FILESYSTEM, false),
};

static const struct otter_field event[] = {
    PLAIN(event, INT64, id),    PLAIN(event, INT64, at),      MATCH(event, INT64, mac),
    PLAIN(event, UINT32, kind), PLAIN(event, INT64, release), MATCH(event, INT64, rollout),
    PLAIN(event, TEXT, detail),
};

static const struct otter_field rollout[] = {
    PLAIN(rollout, INT64, id),           MATCH(rollout, REFERENCE, product),
    MATCH(rollout, REFERENCE, release),  MATCH(rollout, REFERENCE, channel),
    PLAIN(rollout, TEXT, query),         MATCH(rollout, UINT32, state),
    PLAIN(rollout, TEXT, reason),        PLAIN(rollout, NUMBERS, waves),
    PLAIN(rollout, UINT32, wave),        PLAIN(rollout, INT64, wave_since),
    PLAIN(rollout, INT64, soak),         PLAIN(rollout, UINT32, hours_from),
    PLAIN(rollout, UINT32, hours_to),    PLAIN(rollout, INT32, hours_zone),
    PLAIN(rollout, UINT32, halt_count),  PLAIN(rollout, UINT32, halt_share),
    PLAIN(rollout, UINT32, halt_sample), PLAIN(rollout, BOOL, downgrade),
    PLAIN(rollout, UINT32, offered),     PLAIN(rollout, UINT32, succeeded),
    PLAIN(rollout, UINT32, failed),      PLAIN(rollout, UINT32, wave_outcomes),
    PLAIN(rollout, INT64, created),      PLAIN(rollout, INT64, started),
    PLAIN(rollout, INT64, ended),
};

static const struct otter_field user[] = {
    PLAIN(user, INT64, id),    MATCH(user, TEXT, name),     PLAIN(user, TEXT, password),
    PLAIN(user, UINT32, role), PLAIN(user, BOOL, disabled), PLAIN(user, INT64, created),
    PLAIN(user, INT64, seen),
};

static const struct otter_field token[] = {
    PLAIN(token, INT64, id),      MATCH(token, REFERENCE, user), PLAIN(token, TEXT, name),
    MATCH(token, BYTES, hash),    PLAIN(token, UINT32, role),    PLAIN(token, BOOL, session),
    PLAIN(token, INT64, created), PLAIN(token, INT64, expires),  PLAIN(token, INT64, used),
};

static const struct otter_field audit[] = {
    PLAIN(audit, INT64, id),     PLAIN(audit, INT64, at),    MATCH(audit, TEXT, actor),
    PLAIN(audit, TEXT, address), MATCH(audit, TEXT, action), MATCH(audit, TEXT, object),
    PLAIN(audit, TEXT, detail),
};

static const struct otter_field setting[] = {
    PLAIN(setting, INT64, id),
    MATCH(setting, TEXT, name),
    PLAIN(setting, TEXT, value),
};

#define SHAPE(record)                                                                                        \
    {                                                                                                        \
#record, sizeof(struct otter_##record), record, sizeof(record) / sizeof((record)[0])                 \
    }

static const struct otter_shape shapes[OTTER_TABLES] = {
    [OTTER_TABLE_PRODUCT] = SHAPE(product), [OTTER_TABLE_CHANNEL] = SHAPE(channel),
    [OTTER_TABLE_ROUTE] = SHAPE(route),     [OTTER_TABLE_RELEASE] = SHAPE(release),
    [OTTER_TABLE_DEVICE] = SHAPE(device),   [OTTER_TABLE_EVENT] = SHAPE(event),
    [OTTER_TABLE_ROLLOUT] = SHAPE(rollout), [OTTER_TABLE_USER] = SHAPE(user),
    [OTTER_TABLE_TOKEN] = SHAPE(token),     [OTTER_TABLE_AUDIT] = SHAPE(audit),
    [OTTER_TABLE_SETTING] = SHAPE(setting),
};

const struct otter_shape *otter_shape(enum otter_table table)
{
    return &shapes[table];
}

const struct otter_field *otter_shape_field(const struct otter_shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->count; i++)
        if (strcmp(shape->fields[i].name, name) == 0)
            return &shape->fields[i];
    return NULL;
}

int64_t otter_shape_key(const struct otter_shape *shape, const void *record)
{
    int64_t key;
    memcpy(&key, (const char *)record + shape->fields[0].offset, sizeof(key));
    return key;
}
