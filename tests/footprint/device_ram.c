/* What an application with all ways in places in RAM, as an ESP8266 lays it out: scripts/footprint reads the
 * sizes of these arrays from the object file. */
#include "format/layout.h"
#include "otter/mdns.h"
#include "otter/pull.h"
#include "otter/push.h"
#include "otter/tls.h"
#include "otter/updater.h"
#include "otter/web.h"

char ram_sector[OTTER_FLASH_SECTOR];
char ram_updater[sizeof(struct otter_updater)];
char ram_push[sizeof(struct otter_push)];
char ram_web[sizeof(struct otter_web)];
char ram_pull[sizeof(struct otter_pull)];
char ram_mdns[sizeof(struct otter_mdns)];

char tls_object[sizeof(struct otter_tls)];
char tls_anchor[sizeof(struct otter_tls_anchor)];
char tls_buffer[OTTER_TLS_BUFFER_ANY];
