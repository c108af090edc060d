/* The storage interface: where records live between two runs of the server. One const struct of functions per
 * back end; nothing of a back end shows above it.
 *
 * A store is one session: used by one thread at a time. Threads that want to read while another writes open
 * sessions of their own with otter_store_session(). All functions may block on the disk.
 *
 * What was put is durable once its transaction, or, outside of one, the call itself, has returned
 * OTTER_STORE_OK: it survives the end of the process and a power cut at any later moment. */
#ifndef OTTER_STORE_STORE_H
#define OTTER_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "format/error.h"
#include "server/store/reason.h"
#include "server/store/records.h"
#include "server/store/shape.h"

enum otter_store_status {
    OTTER_STORE_OK = 0,
    OTTER_STORE_ABSENT = -1,    /* no such record */
    OTTER_STORE_CONFLICT = -2,  /* another record has this name, or what else is unique */
    OTTER_STORE_IN_USE = -3,    /* other records refer to it; or it refers to one that does not exist */
    OTTER_STORE_LOCKED = -4,    /* another server works on this data folder */
    OTTER_STORE_BUSY = -5,      /* another session held the store for too long: try again */
    OTTER_STORE_FULL = -6,      /* no space on the disk */
    OTTER_STORE_READ_ONLY = -7, /* the folder, its files or its file system can't be written */
    OTTER_STORE_CORRUPT = -8,   /* the data are damaged */
    OTTER_STORE_TOO_NEW = -9,   /* a later version of the server wrote these data */
    OTTER_STORE_ARGUMENT = -10, /* the call itself is wrong */
    OTTER_STORE_FAILED = -11,   /* anything else; the reason tells */
};

/* A back end's session; it embeds this as its first member. */
struct otter_store {
    const struct otter_store_backend *backend;
    struct otter_reason reason; /* of the last call that failed */
};

/* A condition on a field that the shape marks with `matches`: equal to `text` where that is not NULL (a
 * field of type BYTES: as many bytes as it has), otherwise to `number`. The field "tags" of devices matches
 * those that have the one tag `text`. */
struct otter_store_match {
    const char *field;
    int64_t number;
    const char *text;
};

#define OTTER_STORE_MATCHES_MAX 6

/* A page of records, in the order of their keys. Its cost depends on what it returns, and, where there are
 * several conditions, on how many records meet the first one: name the narrowest first. */
struct otter_store_page {
    struct otter_store_match matches[OTTER_STORE_MATCHES_MAX]; /* all must hold; those from the first NULL
                                                                 field on are not used */
    int64_t after;   /* keys beyond this one only, in the direction of reading; 0: from the beginning */
    bool descending; /* newest first */
    uint32_t limit;  /* records at most; 0: all */
};

/* Is shown RECORD, which is gone when it returns; false: no more. It must not use the store. */
typedef bool otter_store_visit(void *context, const void *record);

struct otter_store_backend {
    const char *name; /* "sqlite" */

    /* Opens, and makes if it does not exist, the store in the data FOLDER, which must exist, and brings it to
     * this program's schema. Until its close no other open succeeds: LOCKED, with the process that has it. */
    int (*open)(struct otter_store **store, const char *folder, struct otter_reason *reason);
    /* Another session of an open store, which must be closed before it. */
    int (*session)(struct otter_store **session, struct otter_store *store);
    void (*close)(struct otter_store *store); /* rolls back what was not committed; NULL does nothing */

    /* Transactions don't nest. One at a time in all sessions: begin waits, at most some seconds (BUSY). After
     * an error of a put or remove in a transaction, it has to be rolled back. A commit that fails has rolled
     * back. rollback does nothing where none is open. */
    int (*begin)(struct otter_store *store);
    int (*commit)(struct otter_store *store);
    void (*rollback)(struct otter_store *store);

    /* Puts RECORD in place of the one with its key, or as a new one; an id of 0 is replaced by a new one. */
    int (*put)(struct otter_store *store, enum otter_table table, void *record);
    int (*get)(struct otter_store *store, enum otter_table table, int64_t key, void *record);
    int (*remove)(struct otter_store *store, enum otter_table table, int64_t key);
    /* How many were shown, or an error. What is shown is one moment's state. */
    int (*list)(struct otter_store *store, enum otter_table table, const struct otter_store_page *page,
                otter_store_visit *visit, void *context);

    /* Removes the LIMIT oldest events or audit entries, at most, of those before AT: how many, or an error.
     */
    int (*expire)(struct otter_store *store, enum otter_table table, int64_t at, uint32_t limit);

    /* A whole copy of the store in the data FOLDER, as it is now, into the new file PATH, whether a server
     * works on it meanwhile or not. */
    int (*backup)(const char *folder, const char *path, struct otter_reason *reason);
    /* Makes the copy in the file PATH the store of FOLDER, which must have none yet. */
    int (*restore)(const char *path, const char *folder, struct otter_reason *reason);

    /* OK if all data are sound, otherwise CORRUPT and the first thing found. Reads everything. */
    int (*check)(struct otter_store *store);
    int (*schema)(struct otter_store *store); /* version, from 1 on */
};

/* --- by the type of the record ------------------------------------------------------------------ */

#define OTTER_TABLE_OF(record)                                                                               \
    _Generic((record), struct otter_product *                                                                \
             : OTTER_TABLE_PRODUCT, struct otter_channel *                                                   \
             : OTTER_TABLE_CHANNEL, struct otter_route *                                                     \
             : OTTER_TABLE_ROUTE, struct otter_release *                                                     \
             : OTTER_TABLE_RELEASE, struct otter_device *                                                    \
             : OTTER_TABLE_DEVICE, struct otter_event *                                                      \
             : OTTER_TABLE_EVENT, struct otter_rollout *                                                     \
             : OTTER_TABLE_ROLLOUT, struct otter_user *                                                      \
             : OTTER_TABLE_USER, struct otter_token *                                                        \
             : OTTER_TABLE_TOKEN, struct otter_audit *                                                       \
             : OTTER_TABLE_AUDIT, struct otter_setting *                                                     \
             : OTTER_TABLE_SETTING)

/* otter_store_put(store, &device) */
#define otter_store_put(store, record) (store)->backend->put((store), OTTER_TABLE_OF(record), (record))
#define otter_store_get(store, key, record)                                                                  \
    (store)->backend->get((store), OTTER_TABLE_OF(record), (key), (record))

/* Fills RECORD with the one record, or the first, that meets all of COUNT conditions. */
OTTER_MUST_CHECK int otter_store_find_in(struct otter_store *store, enum otter_table table,
                                         const struct otter_store_match *matches, size_t count, void *record);
#define otter_store_find(store, record, ...)                                                                 \
    otter_store_find_in((store), OTTER_TABLE_OF(record), (const struct otter_store_match[]){__VA_ARGS__},    \
                        sizeof((const struct otter_store_match[]){__VA_ARGS__}) /                            \
                            sizeof(struct otter_store_match),                                                \
                        (record))

#endif
