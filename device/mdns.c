#include "otter/mdns.h"

#include <string.h>

#include "device/mdns_receive.h"
#include "device/mdns_records.h"

#define PROBE_MS      250u  /* before the first probe at most, and between them (RFC 6762, section 8.1) */
#define ANNOUNCE_MS   1000u /* between announcements (section 8.3) */
#define CONFLICTS_MAX 15u   /* in a row; from then on a new name is tried after CONFLICT_MS (section 8.1) */
#define CONFLICT_MS   5000u
#define ADDRESS_MS    2000u /* between looks for other addresses */
#define NUMBER_MAX    6u    /* characters: "-65535" */

uint32_t otter_mdns_left(uint32_t at, uint32_t now_ms)
{
    const uint32_t wait = at - now_ms;
    return wait > INT32_MAX ? 0 : wait;
}

uint32_t otter_mdns_random(const struct otter_mdns *mdns, uint32_t least, uint32_t spread)
{
    uint8_t byte = 0; /* fine enough to keep devices apart, which happen to begin together without entropy */
    (void)!mdns->port->entropy(mdns->port->context, &byte, 1);
    return least + (spread * byte >> 8);
}

/* --- the name ------------------------------------------------------------------------------------- */

static void choose_name(struct otter_mdns *mdns)
{
    struct otter_text text;
    otter_text_init(&text, mdns->hostname, sizeof(mdns->hostname) - (mdns->number > 0 ? NUMBER_MAX : 0));
    otter_text_add(&text, mdns->settings.hostname); /* cut off, to make room */
    if (mdns->number == 0)
        return;
    text.size = sizeof(mdns->hostname);
    otter_text_add(&text, "-");
    otter_text_add_decimal(&text, mdns->number);
}

void otter_mdns_probe(struct otter_mdns *mdns, uint32_t now_ms, uint32_t delay_ms)
{
    mdns->phase = MDNS_PROBE;
    mdns->wanted = 0;
    mdns->due = now_ms + delay_ms;
}

void otter_mdns_lose(struct otter_mdns *mdns, uint32_t now_ms)
{
    if (mdns->phase <= MDNS_ANNOUNCE) { /* otherwise both probe for it again */
        mdns->number = mdns->number == 0 ? 2 : mdns->number + 1;
        mdns->conflicts += mdns->conflicts < CONFLICTS_MAX;
        choose_name(mdns);
    }
    otter_mdns_probe(mdns, now_ms, mdns->conflicts < CONFLICTS_MAX ? 0 : CONFLICT_MS);
}

/* True if the port has other addresses than before. */
static bool take_addresses(struct otter_mdns *mdns)
{
    struct otter_address found[OTTER_MDNS_ADDRESSES];
    const struct otter_port *port = mdns->port;
    const int count = port->network.addresses(port->context, found, OTTER_MDNS_ADDRESSES);
    uint32_t records = (1u << count) - 1;
    bool other = ((mdns->records ^ records) & MDNS_ADDRESSES) != 0;
    for (int i = 0; i < count; i++) {
        other |= memcmp(found[i].ip, mdns->addresses[i].ip, sizeof(found[i].ip)) != 0;
        mdns->addresses[i] = found[i];
    }
    mdns->records = (mdns->records & ~(MDNS_ADDRESSES | MDNS_NSEC)) | records;
    if (otter_mdns_typed(mdns, records, OTTER_DNS_AAAA) == 0)
        mdns->records |= MDNS_NSEC;
    return other;
}

/* --- what is due ---------------------------------------------------------------------------------- */

static void multicast(struct otter_mdns *mdns, enum otter_dns_section section, uint32_t records,
                      uint32_t ttl_max)
{
    const struct mdns_letter letter = {.section = section, .ttl_max = ttl_max};
    otter_mdns_send(mdns, &letter, records & mdns->records);
}

static void answer(struct otter_mdns *mdns, uint32_t now_ms)
{
    if (now_ms - mdns->sent_at >= ANNOUNCE_MS)
        mdns->recent = 0;
    mdns->recent |= mdns->wanted;
    mdns->sent_at = now_ms;
    multicast(mdns, OTTER_DNS_ANSWER, mdns->wanted, UINT32_MAX);
    mdns->wanted = 0;
}

/* Does what PHASE is about. How long until the next one. */
static uint32_t begin_phase(struct otter_mdns *mdns, uint32_t phase, uint32_t now_ms)
{
    const struct otter_mdns_settings *settings = &mdns->settings;
    if (phase < MDNS_ANNOUNCE) {
        multicast(mdns, OTTER_DNS_AUTHORITY, MDNS_PROBED, UINT32_MAX);
        return PROBE_MS;
    }
    if (phase == MDNS_KEEP) {
        mdns->conflicts = 0;
        return ADDRESS_MS;
    }
    if (phase == MDNS_ANNOUNCE && settings->announced != NULL)
        settings->announced(settings->context, mdns->hostname);
    mdns->wanted = mdns->records & ~MDNS_NSEC;
    mdns->answer_at = now_ms;
    return ANNOUNCE_MS;
}

static void go_on(struct otter_mdns *mdns, uint32_t now_ms)
{
    if ((mdns->phase == MDNS_PROBE || mdns->phase == MDNS_KEEP) && take_addresses(mdns))
        mdns->phase = MDNS_PROBE;
    mdns->due = now_ms + ADDRESS_MS;
    if ((mdns->records & MDNS_ADDRESSES) == 0)
        return;
    mdns->due = now_ms + begin_phase(mdns, mdns->phase, now_ms);
    mdns->phase += mdns->phase < MDNS_KEEP;
}

/* --- the responder -------------------------------------------------------------------------------- */

static bool are_right(const struct otter_mdns_settings *settings)
{
    uint32_t size = 0;
    for (const char *const *text = settings->texts; text != NULL && *text != NULL; text++)
        size += (uint32_t)strlen(*text) + 1;
    return size <= OTTER_MDNS_TEXTS_MAX && otter_hostname_is(settings->hostname);
}

int otter_mdns_begin(struct otter_mdns *mdns, const struct otter_port *port,
                     const struct otter_mdns_settings *settings)
{
    if (mdns->begun)
        return OTTER_ERROR_RUNNING;
    if (!are_right(settings))
        return OTTER_ERROR_ARGUMENT;
    memset(mdns, 0, sizeof(*mdns));
    mdns->port = port;
    mdns->settings = *settings;
    mdns->records |= settings->push_port > 0 ? MDNS_PUSH : 0;
    mdns->records |= settings->http_port > 0 ? MDNS_HTTP : 0;
    choose_name(mdns);
    for (uint32_t i = 0; i < 2; i++) {
        mdns->sockets[i] = port->network.multicast_open(port->context, &otter_mdns_groups[i]);
        mdns->begun |= mdns->sockets[i] >= 0;
    }
    return mdns->begun ? OTTER_OK : OTTER_ERROR_TRANSPORT;
}

uint32_t otter_mdns_step(struct otter_mdns *mdns, uint32_t now_ms)
{
    bool more = false;
    if (!mdns->begun)
        return OTTER_NEVER;
    if (mdns->phase == MDNS_START)
        otter_mdns_probe(mdns, now_ms, otter_mdns_random(mdns, 0, PROBE_MS));
    for (uint32_t i = 0; i < 2; i++)
        more |= mdns->sockets[i] >= 0 && otter_mdns_receive(mdns, i, now_ms);
    if (otter_mdns_left(mdns->due, now_ms) == 0)
        go_on(mdns, now_ms);
    if (mdns->wanted != 0 && otter_mdns_left(mdns->answer_at, now_ms) == 0)
        answer(mdns, now_ms);
    const uint32_t due = otter_mdns_left(mdns->due, now_ms), at = otter_mdns_left(mdns->answer_at, now_ms);
    if (more)
        return 0;
    return mdns->wanted != 0 && at < due ? at : due;
}

void otter_mdns_end(struct otter_mdns *mdns)
{
    if (!mdns->begun)
        return;
    mdns->begun = false;
    if (mdns->phase > MDNS_ANNOUNCE)
        multicast(mdns, OTTER_DNS_ANSWER, ~(MDNS_KINDS | MDNS_NSEC), 0);
    for (uint32_t i = 0; i < 2; i++)
        if (mdns->sockets[i] >= 0)
            mdns->port->network.close(mdns->port->context, mdns->sockets[i]);
}
