/* What the files of the SQLite back end share. */
#ifndef OTTER_STORE_SQLITE_SESSION_H
#define OTTER_STORE_SQLITE_SESSION_H

#include <sqlite3.h>

#include "server/store/sqlite/sqlite.h"

enum session_statement { STATEMENT_PUT, STATEMENT_TOUCH, STATEMENT_GET, STATEMENT_REMOVE, STATEMENTS };

struct session {
    struct otter_store store; /* first */
    sqlite3 *database;
    int lock; /* descriptor of the lock file; -1: another session has it */
    char folder[4096];
    sqlite3_stmt *statements[OTTER_TABLES][STATEMENTS]; /* prepared at first use */
};

/* --- session.c --- */

/* Opens the database at PATH with what every connection needs; READ_ONLY: that exists, and is only read. */
int session_connect(sqlite3 **database, const char *path, bool read_only, struct otter_reason *reason);

/* --- status.c --- */

/* What SQLite's last error on DATABASE means here; REASON gets it in words, with WHAT was being done. */
int session_status(sqlite3 *database, int code, const char *what, struct otter_reason *reason);
/* The same for a session's own call. */
int session_failed(struct session *session, int code, const char *what);

/* --- records.c --- */

int session_put(struct otter_store *store, enum otter_table table, void *record);
int session_get(struct otter_store *store, enum otter_table table, int64_t key, void *record);
int session_remove(struct otter_store *store, enum otter_table table, int64_t key);
int session_list(struct otter_store *store, enum otter_table table, const struct otter_store_page *page,
                 otter_store_visit *visit, void *context);
int session_expire(struct otter_store *store, enum otter_table table, int64_t at, uint32_t limit);

/* --- schema.c --- */

#define SESSION_APPLICATION 0x6F747464 /* "ottd": marks our databases */

/* Step N of COUNT makes version N + 1 of version N. */
int session_migrate(sqlite3 *database, const char *const steps[], size_t count, struct otter_reason *reason);
/* The steps of this program. */
extern const char *const session_steps[];
extern const size_t session_step_count;
/* The version of DATABASE, 0 if it is empty, or an error. */
int session_version(sqlite3 *database, struct otter_reason *reason);

/* --- folder.c --- */

/* Locks the data FOLDER for this process: a descriptor in LOCK. */
int session_lock(int *lock, const char *folder, struct otter_reason *reason);

/* Makes the file PATH, empty, if it does not exist: password hashes are for its owner's eyes alone. What is
 * wrong is found by who opens it. */
void session_make_file(const char *path);

/* --- backup.c --- */

int session_backup(const char *folder, const char *path, struct otter_reason *reason);
int session_restore(const char *path, const char *folder, struct otter_reason *reason);
int session_check(struct otter_store *store);

#endif
