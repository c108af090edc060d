/* Storage in an SQLite database: the file "otter.db" of the data folder, in WAL mode. */
#ifndef OTTER_STORE_SQLITE_H
#define OTTER_STORE_SQLITE_H

#include "server/store/store.h"

#define OTTER_SQLITE_FILE "otter.db"
#define OTTER_SQLITE_LOCK "otterd.lock" /* held by the server that works on the folder */

extern const struct otter_store_backend otter_sqlite;

#endif
