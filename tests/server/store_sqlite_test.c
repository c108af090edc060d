#include "server/store/sqlite/sqlite.h"
#include "tests/server/store_conformance.h"

int main(void)
{
    return store_conformance(&otter_sqlite);
}
