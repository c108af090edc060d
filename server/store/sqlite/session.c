#include "server/store/sqlite/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 5000

/* FULL: a commit waits for the disk. Foreign keys are off unless asked for. */
static const char settings[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
    "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON";
static const char reader_settings[] = "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON";

int session_connect(sqlite3 **database, const char *path, bool read_only, struct otter_reason *reason)
{
    int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    int code = sqlite3_open_v2(path, database, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK && !read_only && sqlite3_db_readonly(*database, "main") == 1)
        code = SQLITE_READONLY;
    if (code == SQLITE_OK) {
        (void)sqlite3_busy_timeout(*database, BUSY_MS);
        code = sqlite3_exec(*database, read_only ? reader_settings : settings, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK)
        return OTTER_STORE_OK;
    int status = session_status(*database, code, path, reason);
    sqlite3_close(*database);
    *database = NULL;
    return status;
}

static int make_session(struct session **out, const char *folder, int lock, struct otter_reason *reason)
{
    char path[sizeof((*out)->folder) + sizeof(OTTER_SQLITE_FILE) + 1];
    struct session *session = calloc(1, sizeof(*session));
    if (session == NULL) {
        otter_reason_set(reason, "out of memory");
        return OTTER_STORE_FAILED;
    }
    session->store.backend = &otter_sqlite;
    session->lock = lock;
    snprintf(session->folder, sizeof(session->folder), "%s", folder);
    snprintf(path, sizeof(path), "%s/%s", folder, OTTER_SQLITE_FILE);
    session_make_file(path);
    int status = session_connect(&session->database, path, false, reason);
    if (status == OTTER_STORE_OK)
        *out = session;
    else
        free(session);
    return status;
}

static void close_session(struct otter_store *store)
{
    struct session *session = (struct session *)store;
    if (session == NULL)
        return;
    for (size_t i = 0; i < OTTER_TABLES; i++)
        for (size_t j = 0; j < STATEMENTS; j++)
            sqlite3_finalize(session->statements[i][j]);
    sqlite3_close(session->database);
    if (session->lock >= 0)
        close(session->lock);
    free(session);
}

static int open_store(struct otter_store **store, const char *folder, struct otter_reason *reason)
{
    struct session *session = NULL;
    struct stat found;
    int lock;
    if (strlen(folder) >= sizeof(session->folder)) {
        otter_reason_set(reason, "the data folder's path is too long");
        return OTTER_STORE_ARGUMENT;
    }
    if (stat(folder, &found) != 0 || !S_ISDIR(found.st_mode)) {
        otter_reason_set(reason, "%s: there is no such folder", folder);
        return OTTER_STORE_ABSENT;
    }
    int status = session_lock(&lock, folder, reason);
    if (status != OTTER_STORE_OK)
        return status;
    status = make_session(&session, folder, lock, reason);
    if (status != OTTER_STORE_OK) {
        close(lock);
        return status;
    }
    /* The session that writes: the pages of all indexes that a batch of devices touches. */
    (void)sqlite3_exec(session->database, "PRAGMA cache_size = -32768", NULL, NULL, NULL);
    status = session_migrate(session->database, session_steps, session_step_count, reason);
    if (status == OTTER_STORE_OK)
        *store = &session->store;
    else
        close_session(&session->store);
    return status;
}

static int another_session(struct otter_store **store, struct otter_store *opened)
{
    struct session *session = NULL;
    int status = make_session(&session, ((struct session *)opened)->folder, -1, &opened->reason);
    if (status == OTTER_STORE_OK)
        *store = &session->store;
    return status;
}

static int run(struct session *session, const char *sql, const char *what)
{
    int code = sqlite3_exec(session->database, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? OTTER_STORE_OK : session_failed(session, code, what);
}

static int begin(struct otter_store *store)
{
    return run((struct session *)store, "BEGIN IMMEDIATE", "beginning a transaction");
}

static void rollback(struct otter_store *store)
{
    struct session *session = (struct session *)store;
    if (sqlite3_get_autocommit(session->database) == 0)
        (void)sqlite3_exec(session->database, "ROLLBACK", NULL, NULL, NULL);
}

static int commit(struct otter_store *store)
{
    int status = run((struct session *)store, "COMMIT", "committing");
    if (status != OTTER_STORE_OK)
        rollback(store);
    return status;
}

static int schema(struct otter_store *store)
{
    return session_version(((struct session *)store)->database, &store->reason);
}

const struct otter_store_backend otter_sqlite = {
    .name = "sqlite",
    .open = open_store,
    .session = another_session,
    .close = close_session,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .put = session_put,
    .get = session_get,
    .remove = session_remove,
    .list = session_list,
    .expire = session_expire,
    .backup = session_backup,
    .restore = session_restore,
    .check = session_check,
    .schema = schema,
};
