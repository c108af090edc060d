#include "device/mdns_receive.h"

#include "device/mdns_records.h"

#define SHARED_MS    20u  /* others answer, too: from this to 120 (RFC 6762, section 6) */
#define TRUNCATED_MS 400u /* more known answers follow: from this to 500 (section 7.2) */
#define SPREAD_MS    101u
#define GAP_MS       1000u /* between two multicasts of a record (section 6) */
#define PROBE_GAP_MS 250u  /* the same to defend a name */
#define DEFER_MS     1000u /* after a tie that is lost (section 8.2) */
#define LEGACY_TTL   10u   /* seconds (section 6.7) */

/* A datagram that is being read. */
struct heard {
    struct otter_dns_reader reader;
    struct otter_address from;
    uint32_t group;
    uint32_t questions; /* where they end; 0: there are none */
    uint32_t wanted;    /* by multicast */
    uint32_t direct;    /* to whoever asked */
    uint32_t known;     /* they know, */
    uint32_t forgotten; /* or are told to forget */
    uint32_t claimed;   /* records of the names that they probe for */
    uint32_t agreed;    /* those of them that are theirs, too */
    uint32_t disputed;  /* records of the name of `rival`; 0: there is none */
    struct otter_dns_record rival;
    bool response;
    bool lost; /* somebody has the name */
};

static bool is_announced(const struct otter_mdns *mdns)
{
    return mdns->phase > MDNS_ANNOUNCE;
}

/* --- records -------------------------------------------------------------------------------------- */

static void take_question(const struct otter_mdns *mdns, struct heard *heard,
                          const struct otter_dns_record *question, uint32_t records)
{
    uint32_t asked = otter_mdns_typed(mdns, records, question->type);
    heard->questions = heard->reader.at;
    if (asked == 0)
        asked = records & MDNS_NSEC;
    if (question->top || heard->from.port != OTTER_MDNS_PORT)
        heard->direct |= asked;
    else
        heard->wanted |= asked;
}

/* Somebody probes for a name of ours. */
static void take_claim(struct heard *heard, const struct otter_dns_record *claim, uint32_t records,
                       uint32_t same)
{
    heard->claimed |= records;
    heard->agreed |= same;
    if (same == 0 && heard->disputed == 0) {
        heard->rival = *claim;
        heard->disputed = records;
    }
}

/* Somebody has a name of ours. Before it is announced any record shows that, then one of the same type. */
static void take_conflict(const struct otter_mdns *mdns, struct heard *heard,
                          const struct otter_dns_record *record, uint32_t records)
{
    if ((records & MDNS_SHARED) != 0 || record->ttl == 0)
        return;
    if (is_announced(mdns))
        heard->lost |= otter_mdns_typed(mdns, records, record->type) != 0;
    else
        heard->lost |= mdns->phase > MDNS_PROBE;
}

static void take_record(const struct otter_mdns *mdns, struct heard *heard,
                        const struct otter_dns_record *record)
{
    const struct otter_dns_message *message = &heard->reader.message;
    const uint32_t records = otter_mdns_named(mdns, message, record->name);
    if (records == 0)
        return;
    if (record->section == OTTER_DNS_QUESTION) {
        take_question(mdns, heard, record, records);
        return;
    }
    const uint32_t same = otter_mdns_same(mdns, records, message, record);
    if (!heard->response && record->section == OTTER_DNS_AUTHORITY)
        take_claim(heard, record, records, same);
    else if (record->ttl >= otter_mdns_ttl(record->type) / 2)
        heard->known |= same;
    else
        heard->forgotten |= same;
    if (heard->response && same == 0)
        take_conflict(mdns, heard, record, records);
}

/* --- messages ------------------------------------------------------------------------------------- */

/* Both lists of records in order and without those in common, the first ones decide (RFC 6762, section 8.2).
 * All names are one list, so that two devices never both win or both lose. */
static bool has_lost_tie(const struct otter_mdns *mdns, const struct heard *heard)
{
    const uint32_t own = heard->claimed & ~heard->agreed & MDNS_PROBED, first = own & (0 - own);
    if (heard->disputed == 0)
        return false;
    if ((first & heard->disputed) != 0)
        return otter_mdns_compare(mdns, first, &heard->reader.message, &heard->rival) < 0;
    return first == 0 || first > heard->disputed;
}

static void answer_directly(struct otter_mdns *mdns, const struct heard *heard)
{
    struct mdns_letter letter = {
        .section = OTTER_DNS_ANSWER, .to = &heard->from, .group = heard->group, .ttl_max = UINT32_MAX};
    if (heard->from.port != OTTER_MDNS_PORT) {
        letter.kept = heard->questions;
        letter.ttl_max = LEGACY_TTL;
    }
    otter_mdns_send(mdns, &letter, heard->direct);
}

/* RECORDS are to be multicast in DELAY_MS, or GAP_MS after they were sent last. */
static void want(struct otter_mdns *mdns, uint32_t records, uint32_t now_ms, uint32_t delay, uint32_t gap)
{
    const uint32_t since = now_ms - mdns->sent_at;
    if ((records & mdns->recent) != 0 && since + delay < gap)
        delay = gap - since;
    if (mdns->wanted == 0 || delay < otter_mdns_left(mdns->answer_at, now_ms))
        mdns->answer_at = now_ms + delay;
    mdns->wanted |= records;
}

static void end_query(struct otter_mdns *mdns, struct heard *heard, uint32_t now_ms)
{
    uint32_t delay = 0, gap = GAP_MS;
    if (!is_announced(mdns)) {
        if (mdns->phase > MDNS_PROBE && has_lost_tie(mdns, heard))
            otter_mdns_probe(mdns, now_ms, DEFER_MS);
        return;
    }
    if (heard->questions == 0) /* they belong to the query before */
        mdns->wanted &= ~heard->known;
    heard->wanted &= ~heard->known;
    heard->direct &= ~heard->known;
    if (heard->claimed != 0) { /* everybody is to know whose the name is */
        heard->wanted |= heard->direct;
        heard->direct = 0;
        gap = PROBE_GAP_MS;
    }
    if ((heard->reader.flags & OTTER_DNS_TRUNCATED) != 0)
        delay = otter_mdns_random(mdns, TRUNCATED_MS, SPREAD_MS);
    else if ((heard->wanted & MDNS_SHARED) != 0)
        delay = otter_mdns_random(mdns, SHARED_MS, SPREAD_MS);
    if (heard->wanted != 0)
        want(mdns, heard->wanted, now_ms, delay, gap);
    if (heard->direct != 0)
        answer_directly(mdns, heard);
}

static void end_response(struct otter_mdns *mdns, const struct heard *heard, uint32_t now_ms)
{
    if (heard->from.port != OTTER_MDNS_PORT)
        return;
    mdns->wanted &= ~heard->known; /* somebody else has said so */
    if (heard->lost)
        otter_mdns_lose(mdns, now_ms);
    else if (is_announced(mdns) && heard->forgotten != 0) /* not while we are here (section 6.6) */
        want(mdns, heard->forgotten, now_ms, otter_mdns_random(mdns, SHARED_MS, SPREAD_MS), GAP_MS);
}

bool otter_mdns_receive(struct otter_mdns *mdns, uint32_t group, uint32_t now_ms)
{
    const struct otter_port *port = mdns->port;
    struct heard heard = {.group = group};
    struct otter_dns_record record;
    const int length = port->network.udp_receive(port->context, mdns->sockets[group], mdns->packet,
                                                 sizeof(mdns->packet), &heard.from);
    if (length <= 0)
        return false;
    otter_dns_reader_init(&heard.reader, mdns->packet, (size_t)length);
    heard.response = (heard.reader.flags & OTTER_DNS_RESPONSE) != 0;
    int next;
    while ((next = otter_dns_next(&heard.reader, &record)) > 0)
        if (record.class_code == OTTER_DNS_CLASS_IN || record.class_code == OTTER_DNS_CLASS_ANY)
            take_record(mdns, &heard, &record);
    /* What does not fit into the packet is good up to where it was cut off. */
    if ((next < 0 && length < (int)OTTER_MDNS_PACKET) || (heard.reader.flags & OTTER_DNS_STRANGE) != 0)
        return true;
    if (heard.response)
        end_response(mdns, &heard, now_ms);
    else
        end_query(mdns, &heard, now_ms);
    return true;
}
