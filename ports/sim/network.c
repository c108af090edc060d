#include "ports/sim/network.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ports/sim/listen.h"

#define UDP_HANDLE 0
#define TCP_HANDLE 1

void otter_sim_network_init(struct otter_sim_network *network)
{
    *network = (struct otter_sim_network){.found = 1,
                                          .host = {.family = 4, .ip = {192, 0, 2, 1}},
                                          .connect = 1,
                                          .room = SIZE_MAX,
                                          .flushed = 1};
}

void otter_sim_network_free(struct otter_sim_network *network)
{
    free(network->input.bytes);
    free(network->output.bytes);
    network->input = network->output = (struct otter_sim_bytes){0};
    for (unsigned i = 0; i < OTTER_SIM_VISITORS; i++) {
        free(network->visitors[i].input.bytes);
        free(network->visitors[i].output.bytes);
        network->visitors[i] = (struct otter_sim_visitor){0};
    }
}

/* --- the test's side ---------------------------------------------------------------------------- */

void otter_sim_bytes_append(struct otter_sim_bytes *to, const void *bytes, size_t size)
{
    to->bytes = realloc(to->bytes, to->size + size + 1);
    assert(to->bytes != NULL);
    if (size > 0)
        memcpy(to->bytes + to->size, bytes, size);
    to->size += size;
    to->bytes[to->size] = '\0';
}

static void fill(struct otter_sim_datagram *datagram, const struct otter_address *address, const void *bytes,
                 size_t size)
{
    datagram->address = *address;
    datagram->size = size < OTTER_SIM_DATAGRAM_SIZE ? size : OTTER_SIM_DATAGRAM_SIZE;
    memcpy(datagram->bytes, bytes, datagram->size);
    datagram->bytes[datagram->size] = '\0';
}

void otter_sim_network_datagram(struct otter_sim_network *network, const struct otter_address *from,
                                const void *bytes, size_t size)
{
    if (network->waiting_count < OTTER_SIM_DATAGRAMS)
        fill(&network->waiting[network->waiting_count++], from, bytes, size);
}

void otter_sim_network_input(struct otter_sim_network *network, const void *bytes, size_t size)
{
    otter_sim_bytes_append(&network->input, bytes, size);
}

/* --- UDP ---------------------------------------------------------------------------------------- */

static int udp_open(void *context, uint16_t port)
{
    struct otter_sim_network *network = context;
    assert(!network->udp_open);
    if (network->udp_refused)
        return OTTER_ERROR_TRANSPORT;
    network->udp_open = true;
    network->udp_port = port;
    return UDP_HANDLE;
}

static int udp_receive(void *context, int handle, void *bytes, size_t size, struct otter_address *from)
{
    struct otter_sim_network *network = context;
    assert(handle == UDP_HANDLE && network->udp_open);
    (void)handle;
    if (network->waiting_count == 0)
        return 0;
    const struct otter_sim_datagram *datagram = &network->waiting[0];
    size_t count = datagram->size < size ? datagram->size : size;
    memcpy(bytes, datagram->bytes, count);
    *from = datagram->address;
    network->waiting_count--;
    memmove(network->waiting, network->waiting + 1, network->waiting_count * sizeof(*datagram));
    return (int)count;
}

static int udp_send(void *context, int handle, const void *bytes, size_t size, const struct otter_address *to)
{
    struct otter_sim_network *network = context;
    assert(handle == UDP_HANDLE && network->udp_open);
    (void)handle;
    fill(&network->sent, to, bytes, size);
    network->sent_count++;
    return OTTER_OK;
}

/* --- TCP ---------------------------------------------------------------------------------------- */

static int tcp_connect(void *context, const struct otter_address *to)
{
    struct otter_sim_network *network = context;
    assert(!network->tcp_open);
    network->connections++;
    network->connected_to = *to;
    if (network->connect_refused)
        return OTTER_ERROR_TRANSPORT;
    network->tcp_open = true;
    network->output.size = 0;
    network->write_count = 0;
    otter_sim_bytes_append(&network->output, NULL, 0);
    return TCP_HANDLE;
}

static struct otter_sim_network *connection(void *context, int handle)
{
    struct otter_sim_network *network = context;
    assert(handle == TCP_HANDLE && network->tcp_open);
    (void)handle;
    return network;
}

static int tcp_connected(void *context, int handle)
{
    return handle >= OTTER_SIM_VISITOR_HANDLE ? 1 : connection(context, handle)->connect;
}

static int tcp_read(void *context, int handle, void *bytes, size_t size)
{
    if (handle >= OTTER_SIM_VISITOR_HANDLE)
        return otter_sim_visitor_read(context, handle, bytes, size);
    struct otter_sim_network *network = connection(context, handle);
    const struct otter_sim_bytes *input = &network->input;
    assert(network->connect == 1);
    const size_t left = input->size - network->input_read;
    if (left == 0)
        return network->input_end;
    if (network->segment != 0 && size > network->segment)
        size = network->segment;
    if (size > left)
        size = left;
    memcpy(bytes, input->bytes + network->input_read, size);
    network->input_read += size;
    return (int)size;
}

static int tcp_write(void *context, int handle, const void *bytes, size_t size)
{
    if (handle >= OTTER_SIM_VISITOR_HANDLE)
        return otter_sim_visitor_write(context, handle, bytes, size);
    struct otter_sim_network *network = connection(context, handle);
    assert(network->connect == 1);
    if (network->output_error != 0)
        return network->output_error;
    if (size > network->room)
        size = network->room;
    if (size == 0)
        return 0;
    if (network->write_count < OTTER_SIM_WRITES)
        network->writes[network->write_count] =
            (struct otter_sim_write){.offset = network->output.size, .at_ms = network->now_ms};
    network->write_count++;
    network->room -= size;
    otter_sim_bytes_append(&network->output, bytes, size);
    return (int)size;
}

static int tcp_flushed(void *context, int handle)
{
    if (handle >= OTTER_SIM_VISITOR_HANDLE)
        return otter_sim_visitor_flushed(context, handle);
    return connection(context, handle)->flushed;
}

static int resolve(void *context, const char *name, struct otter_address *address)
{
    struct otter_sim_network *network = context;
    const char *asked = name != NULL ? name : "";
    assert(strlen(asked) < OTTER_SIM_NAME_SIZE);
    memcpy(network->name, asked, strlen(asked) + 1);
    if (name == NULL)
        return OTTER_ERROR_TRANSPORT;
    if (network->found == 1) {
        const uint16_t port = address->port;
        *address = network->host;
        address->port = port;
    }
    return network->found;
}

static void close_handle(void *context, int handle)
{
    if (handle >= OTTER_SIM_LISTEN_HANDLE) {
        otter_sim_visitor_close(context, handle);
        return;
    }
    struct otter_sim_network *network = context;
    bool *open = handle == UDP_HANDLE ? &network->udp_open : &network->tcp_open;
    assert(*open);
    *open = false;
}

const struct otter_network_port otter_sim_network_port = {
    .udp_open = udp_open,
    .udp_receive = udp_receive,
    .udp_send = udp_send,
    .tcp_connect = tcp_connect,
    .tcp_connected = tcp_connected,
    .tcp_read = tcp_read,
    .tcp_write = tcp_write,
    .tcp_flushed = tcp_flushed,
    .tcp_listen = otter_sim_tcp_listen,
    .tcp_accept = otter_sim_tcp_accept,
    .resolve = resolve,
    .close = close_handle,
};
