#include <errno.h>
#include <string.h>

#include "server/store/sqlite/session.h"

/* By extended code first, then by the basic one. */
static const struct {
    int code;
    enum otter_store_status status;
} meanings[] = {
    {SQLITE_CONSTRAINT_UNIQUE, OTTER_STORE_CONFLICT},
    {SQLITE_CONSTRAINT_PRIMARYKEY, OTTER_STORE_CONFLICT},
    {SQLITE_CONSTRAINT_FOREIGNKEY, OTTER_STORE_IN_USE},
    {SQLITE_CONSTRAINT, OTTER_STORE_ARGUMENT},
    {SQLITE_BUSY, OTTER_STORE_BUSY},
    {SQLITE_LOCKED, OTTER_STORE_BUSY},
    {SQLITE_FULL, OTTER_STORE_FULL},
    {SQLITE_READONLY, OTTER_STORE_READ_ONLY},
    {SQLITE_CANTOPEN, OTTER_STORE_READ_ONLY},
    {SQLITE_PERM, OTTER_STORE_READ_ONLY},
    {SQLITE_CORRUPT, OTTER_STORE_CORRUPT},
    {SQLITE_NOTADB, OTTER_STORE_CORRUPT},
};

static int meaning(int code)
{
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (meanings[i].code == code)
            return meanings[i].status;
    return OTTER_STORE_FAILED;
}

/* I/O errors say in errno what they are about. */
static int io_meaning(int system)
{
    if (system == ENOSPC || system == EDQUOT)
        return OTTER_STORE_FULL;
    return system == EROFS || system == EACCES ? OTTER_STORE_READ_ONLY : OTTER_STORE_FAILED;
}

static const char *advice(int status)
{
    switch (status) {
    case OTTER_STORE_FULL:
        return ": make room on its disk; nothing that was acknowledged is lost";
    case OTTER_STORE_READ_ONLY:
        return ": the user that otterd runs as must be able to write the data folder and all files in it";
    case OTTER_STORE_CORRUPT:
        return ": restore a backup";
    default:
        return "";
    }
}

int session_status(sqlite3 *database, int code, const char *what, struct otter_reason *reason)
{
    int status = meaning(code);
    if (status == OTTER_STORE_FAILED)
        status = meaning(code & 0xFF);
    if ((code & 0xFF) == SQLITE_IOERR)
        status = io_meaning(sqlite3_system_errno(database));
    otter_reason_set(reason, "%s: %s%s", what, sqlite3_errmsg(database), advice(status));
    return status;
}

int session_failed(struct session *session, int code, const char *what)
{
    return session_status(session->database, code, what, &session->store.reason);
}
