/* Connections that come in: this port's own, beside ports/sim/network.c. */
#ifndef OTTER_SIM_LISTEN_H
#define OTTER_SIM_LISTEN_H

#include "ports/sim/network.h"

#define OTTER_SIM_LISTEN_HANDLE  15
#define OTTER_SIM_VISITOR_HANDLE 16 /* and the numbers that follow */

void otter_sim_bytes_append(struct otter_sim_bytes *to, const void *bytes, size_t size);

/* Of struct otter_network_port; HANDLE is one of those above. */
int otter_sim_tcp_listen(void *context, uint16_t port);
int otter_sim_tcp_accept(void *context, int handle, struct otter_address *from);
int otter_sim_visitor_read(void *context, int handle, void *bytes, size_t size);
int otter_sim_visitor_write(void *context, int handle, const void *bytes, size_t size);
int otter_sim_visitor_flushed(void *context, int handle);
void otter_sim_visitor_close(void *context, int handle);

#endif
