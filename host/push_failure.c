#include "host/push_failure.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "host/advice.h"
#include "host/device_error.h"
#include "host/firewall.h"

static const struct {
    enum otter_exit status;
    const char *word;
} failures[] = {
    [OTTER_PUSH_FAILURE_NONE] = {OTTER_EXIT_OK, "done"},
    [OTTER_PUSH_FAILURE_NAME] = {OTTER_EXIT_NO_ANSWER, "unknown name"},
    [OTTER_PUSH_FAILURE_LOCAL] = {OTTER_EXIT_FAILURE, "error on this computer"},
    [OTTER_PUSH_FAILURE_NO_ANSWER] = {OTTER_EXIT_NO_ANSWER, "no answer"},
    [OTTER_PUSH_FAILURE_NO_VERDICT] = {OTTER_EXIT_NO_ANSWER, "no answer to the password"},
    [OTTER_PUSH_FAILURE_PASSWORD_MISSING] = {OTTER_EXIT_AUTHENTICATION, "wants a password"},
    [OTTER_PUSH_FAILURE_PASSWORD_WRONG] = {OTTER_EXIT_AUTHENTICATION, "wrong password"},
    [OTTER_PUSH_FAILURE_REFUSED] = {OTTER_EXIT_REFUSED, "refused"},
    [OTTER_PUSH_FAILURE_NO_CONNECTION] = {OTTER_EXIT_NO_CONNECTION, "did not connect back"},
    [OTTER_PUSH_FAILURE_BROKEN] = {OTTER_EXIT_BROKEN, "broken off"},
    [OTTER_PUSH_FAILURE_STALLED] = {OTTER_EXIT_BROKEN, "stalled"},
    [OTTER_PUSH_FAILURE_NO_RESULT] = {OTTER_EXIT_BROKEN, "no result"},
    [OTTER_PUSH_FAILURE_SILENT] = {OTTER_EXIT_BROKEN, "no result"},
    [OTTER_PUSH_FAILURE_REJECTED] = {OTTER_EXIT_REJECTED, "rejected"},
    [OTTER_PUSH_FAILURE_INTERRUPTED] = {OTTER_EXIT_INTERRUPTED, "interrupted"},
};

enum otter_exit otter_push_failure_status(enum otter_push_failure failure)
{
    return failures[failure].status;
}

const char *otter_push_failure_word(enum otter_push_failure failure)
{
    return failures[failure].word;
}

/* --- what is wrong --------------------------------------------------------------------------------- */

static void describe_broken(FILE *out, const struct otter_push_session *session)
{
    fprintf(out, "the transfer broke off after %" PRIu32 " of %" PRIu32 " bytes%s%s", session->acknowledged,
            session->order->size, session->text[0] != '\0' ? ": " : "", session->text);
    if (session->early)
        fputs(", although the device had said OK", out);
}

static void describe_refusal(FILE *out, const char *text)
{
    bool empty = text[0] == '\0' || strcmp(text, "ERR:") == 0;
    fprintf(out, "the device refused the update%s%s", empty ? " and does not say why" : ": ",
            empty ? "" : text);
}

void otter_push_failure_describe(FILE *out, const struct otter_push_session *session)
{
    switch (session->failure) {
    case OTTER_PUSH_FAILURE_NONE:
        fputs("updated", out);
        break;
    case OTTER_PUSH_FAILURE_NAME:
        fprintf(out, "no such device: %s", session->text);
        break;
    case OTTER_PUSH_FAILURE_LOCAL:
        fprintf(out, "%s", session->text);
        break;
    case OTTER_PUSH_FAILURE_NO_ANSWER:
        fprintf(out, "no %sanswer on UDP port %u%s", session->answered ? "useful " : "", session->device.port,
                session->port_closed ? ": nothing listens there" : "");
        break;
    case OTTER_PUSH_FAILURE_NO_VERDICT:
        fputs(session->text[0] != '\0' ? session->text : "asked for the password, then stayed silent", out);
        break;
    case OTTER_PUSH_FAILURE_PASSWORD_MISSING:
        fputs("the device wants a password", out);
        break;
    case OTTER_PUSH_FAILURE_PASSWORD_WRONG:
        fputs("the device refused the password", out);
        break;
    case OTTER_PUSH_FAILURE_REFUSED:
        describe_refusal(out, session->text);
        break;
    case OTTER_PUSH_FAILURE_NO_CONNECTION:
        fprintf(out, "the device agreed, but did not connect back to %s, TCP port %u (interface %s)",
                session->local.address, session->host_port, session->local.interface);
        break;
    case OTTER_PUSH_FAILURE_BROKEN:
        describe_broken(out, session);
        break;
    case OTTER_PUSH_FAILURE_STALLED:
        fprintf(out, "the device stopped taking data after %" PRIu32 " of %" PRIu32 " bytes",
                session->acknowledged, session->order->size);
        break;
    case OTTER_PUSH_FAILURE_NO_RESULT:
        fprintf(out, "all %" PRIu32 " bytes were sent, but the connection ended without a result",
                session->order->size);
        break;
    case OTTER_PUSH_FAILURE_SILENT:
        fprintf(out, "all %" PRIu32 " bytes were sent, but no result came", session->order->size);
        break;
    case OTTER_PUSH_FAILURE_REJECTED:
        fprintf(out, "the device rejected the image: %s", session->text);
        break;
    case OTTER_PUSH_FAILURE_INTERRUPTED:
        fputs("interrupted", out);
        break;
    }
}

/* --- what to do ------------------------------------------------------------------------------------ */

/* What advice is made of. */
struct advice {
    struct otter_advice to;
    const struct otter_push_session *session;
    const struct otter_push_file *file;
};

static void advise_name(const struct advice *advice)
{
    const char *suffix = strrchr(advice->session->device.host, '.');
    if (suffix != NULL && strcmp(suffix, ".local") == 0)
        otter_advice_say(
            &advice->to,
            "Names in .local need multicast DNS on this computer (Debian: libnss-mdns). Or give the "
            "device's address.");
    else
        otter_advice_say(
            &advice->to,
            "Is it spelt right? Devices announce themselves as NAME.local; an address does as well.");
}

static void advise_no_answer(const struct advice *advice)
{
    const struct otter_push_session *session = advice->session;
    unsigned other =
        session->device.port == OTTER_PUSH_PORT_ESP32 ? OTTER_PUSH_PORT_ESP8266 : OTTER_PUSH_PORT_ESP32;
    char address[INET6_ADDRSTRLEN];
    otter_local_print_address(address, &session->device.address);
    if (session->answered)
        otter_advice_say(
            &advice->to,
            "What came back makes no sense here. Is another program on that port, or does somebody "
            "else push to it now?");
    else if (session->port_closed)
        otter_advice_say(&advice->to,
                         "There is a computer at %s, but no device that takes updates on this port.",
                         address);
    else
        otter_advice_say(
            &advice->to,
            "Is the device on, in this network, and does its sketch handle updates in its loop?");
    otter_advice_say(
        &advice->to, "It was invited %u time%s from %s (interface %s). An %s listens on port %u: -p %u.",
        session->tries, session->tries == 1 ? "" : "s", session->local.address, session->local.interface,
        other == OTTER_PUSH_PORT_ESP32 ? "ESP32" : "ESP8266", other, other);
}

static void advise_firewall(const struct advice *advice)
{
    const struct otter_push_session *session = advice->session;
    enum otter_firewall firewall = otter_firewall_find("");
    char address[INET6_ADDRSTRLEN];
    otter_local_print_address(address, &session->device.address);
    if (firewall == OTTER_FIREWALL_NONE) {
        otter_advice_say(
            &advice->to,
            "Most often a firewall drops the connection. None was recognised on this computer; one that runs "
            "must let %s connect to TCP port %u.",
            address, session->host_port);
        return;
    }
    otter_advice_say(&advice->to,
                     "Most often a firewall drops the connection. This computer has %s; this opens the port:",
                     otter_firewall_name(firewall));
    fprintf(advice->to.out, "%s    ", advice->to.indent);
    otter_firewall_print_command(advice->to.out, firewall, address, session->host_port);
    fputc('\n', advice->to.out);
}

static void advise_no_connection(const struct advice *advice)
{
    const struct otter_push_session *session = advice->session;
    if (session->stranger[0] != '\0') {
        otter_advice_say(
            &advice->to,
            "%s connected in its place and was turned away: only the device itself is served. Is there "
            "address "
            "translation between, as with containers, a VPN or a virtual machine?",
            session->stranger);
        return;
    }
    advise_firewall(advice);
    otter_advice_say(&advice->to, "Then push to the same port again: -P %u", session->host_port);
    otter_advice_say(
        &advice->to,
        "Or, if the device has a web page for updates, send it there; nothing has to connect back:");
    fprintf(advice->to.out, "%s    otter upload %s FILE\n", advice->to.indent, session->device.host);
    if (access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0)
        otter_advice_say(
            &advice->to,
            "This is a container: the port must be published, or the container be in the host's network.");
    if (!session->local.loopback) {
        char others[256];
        otter_local_list_others(others, sizeof(others), &session->local);
        otter_advice_say(&advice->to,
                         "Or the device can't reach that address. Others of this computer, for -I: %s",
                         others);
    }
}

static void advise_no_verdict(const struct advice *advice)
{
    otter_advice_say(&advice->to,
                     advice->session->text[0] != '\0'
                         ? "Does somebody else push to it now? Otherwise restart it, and push again."
                         : "The network may be losing packets. Push again.");
}

static void advise_wrong_password(const struct advice *advice)
{
    otter_advice_say(
        &advice->to,
        "It is another one that was set in the device's sketch. Upper and lower case differ, and blanks "
        "count.");
}

static void advise_missing_password(const struct advice *advice)
{
    otter_advice_say(
        &advice->to,
        "Give it with --password-file FILE, in the environment as OTTER_PASSWORD, or on a terminal when "
        "asked.");
}

/* A sketch is staged beside the one that runs; a filesystem is written over the old one. */
static bool has_spoilt_filesystem(const struct otter_push_session *session)
{
    return session->order->command == OTTER_PUSH_FILESYSTEM && session->sent > 0;
}

static void advise_half_written(const struct advice *advice)
{
    if (has_spoilt_filesystem(advice->session))
        otter_advice_say(
            &advice->to,
            "Its firmware runs on, but its filesystem is half written until a push of it succeeds.");
}

static void advise_broken(const struct advice *advice)
{
    advise_half_written(advice);
    otter_advice_say(&advice->to, "%sIs its network good, and its power? Push again.",
                     has_spoilt_filesystem(advice->session) ? "" : "It keeps its old firmware. ");
}

static void advise_interrupted(const struct advice *advice)
{
    advise_half_written(advice);
    if (!has_spoilt_filesystem(advice->session))
        otter_advice_say(&advice->to, "A device that was still receiving keeps its old firmware.");
}

static void advise_unknown_outcome(const struct advice *advice)
{
    if (has_spoilt_filesystem(advice->session)) {
        otter_advice_say(
            &advice->to,
            "Its firmware runs on, its filesystem is the new one or half written. Push it again.");
        return;
    }
    otter_advice_say(&advice->to,
                     "The device may have restarted with the new firmware, or kept the old one: look at it "
                     "before you push "
                     "again.");
}

static void advise_device_error(const struct advice *advice)
{
    const struct otter_push_session *session = advice->session;
    const struct otter_device_offer offer = {.bytes = session->order->bytes,
                                             .size = session->order->size,
                                             .filesystem = session->order->command == OTTER_PUSH_FILESYSTEM,
                                             .taken = session->failure == OTTER_PUSH_FAILURE_REJECTED,
                                             .limit = session->limit,
                                             .inspection = &advice->file->inspection};
    otter_device_error_advise(&advice->to, session->text, &offer);
}

void otter_push_failure_advise(FILE *out, const struct otter_push_session *session,
                               const struct otter_push_file *file, const char *indent)
{
    const struct advice advice = {.to = {out, indent}, .session = session, .file = file};
    switch (session->failure) {
    case OTTER_PUSH_FAILURE_NONE:
        break;
    case OTTER_PUSH_FAILURE_NAME:
        advise_name(&advice);
        break;
    case OTTER_PUSH_FAILURE_LOCAL:
        otter_advice_say(&advice.to, "Nothing was sent. See -P, -I and the network of this computer.");
        break;
    case OTTER_PUSH_FAILURE_NO_ANSWER:
        advise_no_answer(&advice);
        break;
    case OTTER_PUSH_FAILURE_NO_VERDICT:
        advise_no_verdict(&advice);
        break;
    case OTTER_PUSH_FAILURE_PASSWORD_MISSING:
        advise_missing_password(&advice);
        break;
    case OTTER_PUSH_FAILURE_PASSWORD_WRONG:
        advise_wrong_password(&advice);
        break;
    case OTTER_PUSH_FAILURE_NO_CONNECTION:
        advise_no_connection(&advice);
        break;
    case OTTER_PUSH_FAILURE_BROKEN:
    case OTTER_PUSH_FAILURE_STALLED:
        advise_broken(&advice);
        break;
    case OTTER_PUSH_FAILURE_NO_RESULT:
    case OTTER_PUSH_FAILURE_SILENT:
        advise_unknown_outcome(&advice);
        break;
    case OTTER_PUSH_FAILURE_REFUSED:
    case OTTER_PUSH_FAILURE_REJECTED:
        advise_half_written(&advice);
        advise_device_error(&advice);
        break;
    case OTTER_PUSH_FAILURE_INTERRUPTED:
        advise_interrupted(&advice);
        break;
    }
}
