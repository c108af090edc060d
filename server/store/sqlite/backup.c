/* Copies of the database, and its check. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/store/sqlite/session.h"

#define PATH_SIZE 4608

/* A folder's entries are durable once the folder is synced. */
static int sync_parent(const char *path, struct otter_reason *reason)
{
    char folder[PATH_SIZE];
    snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder] = '\0';
    int file = open(slash != NULL ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = file >= 0 && fsync(file) == 0;
    if (!synced)
        otter_reason_set(reason, "%s: %s", folder, strerror(errno));
    if (file >= 0)
        close(file);
    return synced ? OTTER_STORE_OK : OTTER_STORE_FAILED;
}

/* All pages in one go: a reader of a WAL database holds nobody up. The copy is a file by itself. */
static int copy_database(sqlite3 *from, const char *path, struct otter_reason *reason)
{
    sqlite3 *to;
    int code =
        sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE, NULL);
    sqlite3_backup *backup = code == SQLITE_OK ? sqlite3_backup_init(to, "main", from, "main") : NULL;
    if (backup != NULL) {
        (void)sqlite3_backup_step(backup, -1);
        code = sqlite3_backup_finish(backup);
    } else if (code == SQLITE_OK) {
        code = sqlite3_extended_errcode(to);
    }
    if (code == SQLITE_OK)
        code = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    int status = code == SQLITE_OK ? OTTER_STORE_OK : session_status(to, code, path, reason);
    sqlite3_close(to);
    return status;
}

/* Copies FROM to PATH, which is only there when it is whole. */
static int copy_to(sqlite3 *from, const char *path, struct otter_reason *reason)
{
    char part[PATH_SIZE];
    if (access(path, F_OK) == 0) {
        otter_reason_set(reason, "%s exists already", path);
        return OTTER_STORE_CONFLICT;
    }
    if ((size_t)snprintf(part, sizeof(part), "%s.part", path) >= sizeof(part)) {
        otter_reason_set(reason, "the path of the copy is too long");
        return OTTER_STORE_ARGUMENT;
    }
    (void)unlink(part);
    session_make_file(part);
    int status = copy_database(from, part, reason);
    if (status == OTTER_STORE_OK && rename(part, path) != 0) {
        otter_reason_set(reason, "%s: %s", path, strerror(errno));
        status = OTTER_STORE_FAILED;
    }
    if (status == OTTER_STORE_OK)
        status = sync_parent(path, reason);
    else
        (void)unlink(part);
    return status;
}

/* The first row of a check that says anything but "ok". */
static int check_with(sqlite3 *database, const char *pragma, struct otter_reason *reason)
{
    sqlite3_stmt *statement;
    int status = OTTER_STORE_OK;
    int code = sqlite3_prepare_v2(database, pragma, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        const char *found = (const char *)sqlite3_column_text(statement, 0);
        if (found == NULL || strcmp(found, "ok") != 0) {
            otter_reason_set(reason, "the database is damaged: %s: restore a backup", found);
            status = OTTER_STORE_CORRUPT;
        }
    } else if (code != SQLITE_DONE) {
        status = session_status(database, code, "checking the database", reason);
    }
    sqlite3_finalize(statement);
    return status;
}

static int check_database(sqlite3 *database, struct otter_reason *reason)
{
    int status = check_with(database, "PRAGMA integrity_check(1)", reason);
    if (status == OTTER_STORE_OK)
        status = check_with(database,
                            "SELECT 'a reference from ' || \"table\" || ' leads nowhere' "
                            "FROM pragma_foreign_key_check LIMIT 1",
                            reason);
    return status;
}

int session_check(struct otter_store *store)
{
    return check_database(((struct session *)store)->database, &store->reason);
}

/* Copies the sound database in the file PATH to the new one TARGET. */
static int copy_sound(const char *path, const char *target, struct otter_reason *reason)
{
    sqlite3 *from;
    if (access(path, R_OK) != 0) {
        otter_reason_set(reason, "%s: %s", path, strerror(errno));
        return OTTER_STORE_ABSENT;
    }
    int status = session_connect(&from, path, true, reason);
    if (status != OTTER_STORE_OK)
        return status;
    int version = session_version(from, reason);
    if (version == 0)
        otter_reason_set(reason, "%s is empty", path);
    status = version > 0 ? check_database(from, reason) : OTTER_STORE_CORRUPT;
    if (status == OTTER_STORE_OK)
        status = copy_to(from, target, reason);
    sqlite3_close(from);
    return status;
}

/* The path of a data folder's database. */
static int name_database(char out[PATH_SIZE], const char *folder, struct otter_reason *reason)
{
    if ((size_t)snprintf(out, PATH_SIZE, "%s/%s", folder, OTTER_SQLITE_FILE) < PATH_SIZE)
        return OTTER_STORE_OK;
    otter_reason_set(reason, "the data folder's path is too long");
    return OTTER_STORE_ARGUMENT;
}

int session_backup(const char *folder, const char *path, struct otter_reason *reason)
{
    char source[PATH_SIZE];
    int status = name_database(source, folder, reason);
    if (status == OTTER_STORE_OK)
        status = copy_sound(source, path, reason);
    if (status != OTTER_STORE_OK)
        otter_reason_wrap(reason, "backup");
    return status;
}

int session_restore(const char *path, const char *folder, struct otter_reason *reason)
{
    char target[PATH_SIZE];
    int lock;
    int status = name_database(target, folder, reason);
    if (status == OTTER_STORE_OK)
        status = session_lock(&lock, folder, reason);
    if (status != OTTER_STORE_OK)
        return status;
    status = copy_sound(path, target, reason);
    if (status != OTTER_STORE_OK)
        otter_reason_wrap(reason, "restore");
    close(lock);
    return status;
}
