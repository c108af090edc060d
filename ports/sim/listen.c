#include "ports/sim/listen.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_PORT 50000u /* of the first visitor */

/* --- the test's side ---------------------------------------------------------------------------- */

struct otter_sim_visitor *otter_sim_network_visit(struct otter_sim_network *network)
{
    struct otter_sim_visitor *visitor = network->visitors;
    while (visitor->waiting || visitor->open)
        visitor++;
    assert(visitor < network->visitors + OTTER_SIM_VISITORS);
    visitor->input.size = visitor->output.size = 0;
    otter_sim_bytes_append(&visitor->output, NULL, 0);
    *visitor = (struct otter_sim_visitor){
        .waiting = true, .room = SIZE_MAX, .flushed = 1, .input = visitor->input, .output = visitor->output};
    return visitor;
}

void otter_sim_visitor_say(struct otter_sim_visitor *visitor, const void *bytes, size_t size)
{
    otter_sim_bytes_append(&visitor->input, bytes, size);
}

/* --- the device's side -------------------------------------------------------------------------- */

int otter_sim_tcp_listen(void *context, uint16_t port)
{
    struct otter_sim_network *network = context;
    assert(!network->listening);
    if (network->listen_refused)
        return OTTER_ERROR_TRANSPORT;
    network->listening = true;
    network->listen_port = port;
    return OTTER_SIM_LISTEN_HANDLE;
}

int otter_sim_tcp_accept(void *context, int handle, struct otter_address *from)
{
    struct otter_sim_network *network = context;
    assert(handle == OTTER_SIM_LISTEN_HANDLE && network->listening);
    (void)handle;
    for (unsigned i = 0; i < OTTER_SIM_VISITORS; i++) {
        struct otter_sim_visitor *visitor = &network->visitors[i];
        if (!visitor->waiting)
            continue;
        visitor->waiting = false;
        visitor->open = true;
        *from =
            (struct otter_address){.family = 4, .ip = {192, 168, 4, 3}, .port = (uint16_t)(CLIENT_PORT + i)};
        return OTTER_SIM_VISITOR_HANDLE + (int)i;
    }
    return OTTER_ERROR_NO_DATA;
}

static struct otter_sim_visitor *visitor_of(void *context, int handle)
{
    struct otter_sim_network *network = context;
    struct otter_sim_visitor *visitor = &network->visitors[handle - OTTER_SIM_VISITOR_HANDLE];
    assert(visitor < network->visitors + OTTER_SIM_VISITORS && visitor->open);
    return visitor;
}

int otter_sim_visitor_read(void *context, int handle, void *bytes, size_t size)
{
    struct otter_sim_visitor *visitor = visitor_of(context, handle);
    const size_t left = visitor->input.size - visitor->input_read;
    if (left == 0)
        return visitor->input_end;
    if (size > left)
        size = left;
    memcpy(bytes, visitor->input.bytes + visitor->input_read, size);
    visitor->input_read += size;
    return (int)size;
}

int otter_sim_visitor_write(void *context, int handle, const void *bytes, size_t size)
{
    struct otter_sim_visitor *visitor = visitor_of(context, handle);
    if (visitor->output_error != 0)
        return visitor->output_error;
    if (size > visitor->room)
        size = visitor->room;
    visitor->room -= size;
    otter_sim_bytes_append(&visitor->output, bytes, size);
    return (int)size;
}

int otter_sim_visitor_flushed(void *context, int handle)
{
    return visitor_of(context, handle)->flushed;
}

void otter_sim_visitor_close(void *context, int handle)
{
    if (handle == OTTER_SIM_LISTEN_HANDLE)
        ((struct otter_sim_network *)context)->listening = false;
    else
        visitor_of(context, handle)->open = false;
}
