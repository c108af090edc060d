/* What every back end of the storage interface must do. */
#ifndef OTTER_TEST_STORE_CONFORMANCE_H
#define OTTER_TEST_STORE_CONFORMANCE_H

#include "server/store/store.h"

/* Runs all tests; how many failed. */
int store_conformance(const struct otter_store_backend *backend);

#endif
