#include "host/upload_failure.h"

#include <inttypes.h>
#include <string.h>

#include "host/advice.h"
#include "host/device_error.h"
#include "host/gzip.h"

static const struct {
    enum otter_exit status;
    const char *word;
} failures[] = {
    [OTTER_UPLOAD_FAILURE_NONE] = {OTTER_EXIT_OK, "done"},
    [OTTER_UPLOAD_FAILURE_NAME] = {OTTER_EXIT_NO_ANSWER, "unknown name"},
    [OTTER_UPLOAD_FAILURE_LOCAL] = {OTTER_EXIT_FAILURE, "error on this computer"},
    [OTTER_UPLOAD_FAILURE_NO_ANSWER] = {OTTER_EXIT_NO_ANSWER, "no answer"},
    [OTTER_UPLOAD_FAILURE_UNTRUSTED] = {OTTER_EXIT_NO_ANSWER, "not trusted"},
    [OTTER_UPLOAD_FAILURE_NO_PAGE] = {OTTER_EXIT_NO_ANSWER, "no update page"},
    [OTTER_UPLOAD_FAILURE_PASSWORD_MISSING] = {OTTER_EXIT_AUTHENTICATION, "wants a password"},
    [OTTER_UPLOAD_FAILURE_PASSWORD_WRONG] = {OTTER_EXIT_AUTHENTICATION, "wrong password"},
    [OTTER_UPLOAD_FAILURE_UNFIT] = {OTTER_EXIT_REFUSED, "does not fit"},
    [OTTER_UPLOAD_FAILURE_REFUSED] = {OTTER_EXIT_REFUSED, "refused"},
    [OTTER_UPLOAD_FAILURE_BROKEN] = {OTTER_EXIT_BROKEN, "broken off"},
    [OTTER_UPLOAD_FAILURE_STALLED] = {OTTER_EXIT_BROKEN, "stalled"},
    [OTTER_UPLOAD_FAILURE_NO_RESULT] = {OTTER_EXIT_BROKEN, "no result"},
    [OTTER_UPLOAD_FAILURE_REJECTED] = {OTTER_EXIT_REJECTED, "rejected"},
    [OTTER_UPLOAD_FAILURE_NOT_BACK] = {OTTER_EXIT_BROKEN, "not back"},
    [OTTER_UPLOAD_FAILURE_UNCHANGED] = {OTTER_EXIT_REJECTED, "still the old one"},
    [OTTER_UPLOAD_FAILURE_INTERRUPTED] = {OTTER_EXIT_INTERRUPTED, "interrupted"},
};

enum otter_exit otter_upload_failure_status(enum otter_upload_failure failure)
{
    return failures[failure].status;
}

const char *otter_upload_failure_word(enum otter_upload_failure failure)
{
    return failures[failure].word;
}

/* --- what is wrong --------------------------------------------------------------------------------- */

static void describe_status(FILE *out, const char *what, const struct otter_upload_session *session)
{
    fprintf(out, "%s (HTTP status %d)%s%s", what, session->status, session->text[0] != '\0' ? ": " : "",
            session->text);
}

static void describe_no_result(FILE *out, const struct otter_upload_session *session)
{
    fprintf(out, "all %zu bytes were sent, but %s%s", session->file->sent.size,
            session->text[0] != '\0' ? "the answer is no result: " : "no result came", session->text);
}

static void describe_unchanged(FILE *out, const struct otter_upload_session *session)
{
    char label[OTTER_UPLOAD_INFO_LABEL];
    otter_upload_info_label(label, &session->after);
    fprintf(out, "the device took the update and restarted, but runs %s, not %s %s", label,
            session->file->inspection.firmware.name, session->file->inspection.firmware.version);
}

void otter_upload_failure_describe(FILE *out, const struct otter_upload_session *session)
{
    switch (session->failure) {
    case OTTER_UPLOAD_FAILURE_NONE:
        fputs("updated", out);
        break;
    case OTTER_UPLOAD_FAILURE_NAME:
        fprintf(out, "no such device: %s", session->text);
        break;
    case OTTER_UPLOAD_FAILURE_LOCAL:
        fputs(session->text, out);
        break;
    case OTTER_UPLOAD_FAILURE_NO_ANSWER:
        fprintf(out, "no answer from %s: %s", session->url.page, session->text);
        break;
    case OTTER_UPLOAD_FAILURE_UNTRUSTED:
        fprintf(out, "the device can't be trusted: %s", session->text);
        break;
    case OTTER_UPLOAD_FAILURE_NO_PAGE:
        fprintf(out, "no update page at %s (HTTP status %d)", session->url.page, session->status);
        break;
    case OTTER_UPLOAD_FAILURE_PASSWORD_MISSING:
        fputs("the device wants a user name and a password", out);
        break;
    case OTTER_UPLOAD_FAILURE_PASSWORD_WRONG:
        fputs("the device refused the user name or the password", out);
        break;
    case OTTER_UPLOAD_FAILURE_UNFIT:
        fprintf(out, "the device would reject the file, and nothing was sent: %s", session->text);
        break;
    case OTTER_UPLOAD_FAILURE_REFUSED:
        describe_status(out, "the device refused the upload", session);
        break;
    case OTTER_UPLOAD_FAILURE_BROKEN:
        fprintf(out, "the transfer broke off after %" PRIu32 " of %zu bytes: %s", session->acknowledged,
                session->file->sent.size, session->text);
        break;
    case OTTER_UPLOAD_FAILURE_STALLED:
        fprintf(out, "the device stopped taking data after %" PRIu32 " of %zu bytes", session->acknowledged,
                session->file->sent.size);
        break;
    case OTTER_UPLOAD_FAILURE_NO_RESULT:
        describe_no_result(out, session);
        break;
    case OTTER_UPLOAD_FAILURE_REJECTED:
        fprintf(out, "the device rejected the file: %s", session->text);
        break;
    case OTTER_UPLOAD_FAILURE_NOT_BACK:
        fputs("the device took the update, but is not back", out);
        break;
    case OTTER_UPLOAD_FAILURE_UNCHANGED:
        describe_unchanged(out, session);
        break;
    case OTTER_UPLOAD_FAILURE_INTERRUPTED:
        fputs("interrupted", out);
        break;
    }
}

/* --- what to do ------------------------------------------------------------------------------------ */

static bool has_spoilt_filesystem(const struct otter_upload_session *session)
{
    return session->filesystem && session->acknowledged > 0;
}

static void advise_old_state(const struct otter_advice *advice, const struct otter_upload_session *session)
{
    otter_advice_say(
        advice,
        has_spoilt_filesystem(session)
            ? "Its firmware runs on, but its filesystem is half written until an upload of it succeeds."
            : "It keeps its old firmware.");
}

static void advise_no_answer(const struct otter_advice *advice)
{
    otter_advice_say(advice,
                     "Is the device on, in this network, and does its sketch run a web server with an update "
                     "page? In a browser it would be the same address. Without such a page: otter push.");
}

static void advise_refusal(const struct otter_advice *advice, const struct otter_upload_session *session)
{
    otter_advice_say(
        advice, session->status == OTTER_UPLOAD_STATUS_FORBIDDEN
                    ? "Its sketch allows no updates from here, or not now."
                    : "Is this the address of its update page? It may be another path: http://HOST/PATH");
}

static void advise_device_error(const struct otter_advice *advice, const struct otter_upload_session *session)
{
    const struct otter_push_file *file = session->file;
    int64_t room = session->filesystem ? session->before.filesystem_size : session->before.free_space;
    bool packed = otter_gzip_is(file->sent.bytes, file->sent.size);
    const struct otter_device_offer offer = {.bytes = file->sent.bytes,
                                             .size = (uint32_t)file->sent.size,
                                             .filesystem = session->filesystem,
                                             .taken = packed && (int64_t)file->sent.size <= room,
                                             .limit = room > 0 ? (uint32_t)room : 0,
                                             .inspection = &file->inspection};
    otter_device_error_advise(advice, session->text, &offer);
}

static void advise_unknown_outcome(const struct otter_advice *advice,
                                   const struct otter_upload_session *session)
{
    otter_advice_say(
        advice, has_spoilt_filesystem(session)
                    ? "Its firmware runs on, its filesystem is the new one or half written. Send it again."
                    : "The device may have restarted with the new firmware, or kept the old one: look at "
                      "it before you send it again.");
}

void otter_upload_failure_advise(FILE *out, const struct otter_upload_session *session, const char *indent)
{
    const struct otter_advice advice = {out, indent};
    switch (session->failure) {
    case OTTER_UPLOAD_FAILURE_NONE:
        break;
    case OTTER_UPLOAD_FAILURE_NAME:
        otter_advice_say(&advice, "Is it spelt right? `otter discover` lists the devices that announce "
                                  "themselves; an address does as well.");
        break;
    case OTTER_UPLOAD_FAILURE_LOCAL:
        otter_advice_say(&advice, "Nothing was sent.");
        break;
    case OTTER_UPLOAD_FAILURE_NO_ANSWER:
        advise_no_answer(&advice);
        break;
    case OTTER_UPLOAD_FAILURE_UNTRUSTED:
        otter_advice_say(&advice,
                         "Nothing was sent. If the device's certificate is your own, give what signed it "
                         "with --cacert FILE, and call the device by the name in it.");
        break;
    case OTTER_UPLOAD_FAILURE_NO_PAGE:
        advise_refusal(&advice, session);
        break;
    case OTTER_UPLOAD_FAILURE_PASSWORD_MISSING:
        otter_advice_say(&advice,
                         "Give them with --user NAME and --password-file FILE, in the environment as "
                         "OTTER_PASSWORD, or on a terminal when asked.");
        break;
    case OTTER_UPLOAD_FAILURE_PASSWORD_WRONG:
        otter_advice_say(&advice,
                         "It is another pair that was set in the device's sketch. The user name is \"admin\" "
                         "unless --user gives it. Upper and lower case differ, and blanks count.");
        break;
    case OTTER_UPLOAD_FAILURE_REFUSED:
        advise_refusal(&advice, session);
        break;
    case OTTER_UPLOAD_FAILURE_BROKEN:
    case OTTER_UPLOAD_FAILURE_STALLED:
        advise_old_state(&advice, session);
        otter_advice_say(&advice, "Is its network good, and its power? Send it again.");
        break;
    case OTTER_UPLOAD_FAILURE_NO_RESULT:
        advise_unknown_outcome(&advice, session);
        break;
    case OTTER_UPLOAD_FAILURE_UNFIT:
    case OTTER_UPLOAD_FAILURE_REJECTED:
        if (has_spoilt_filesystem(session))
            advise_old_state(&advice, session);
        advise_device_error(&advice, session);
        break;
    case OTTER_UPLOAD_FAILURE_NOT_BACK:
        otter_advice_say(&advice, "Is its power on, and its network there? It may have another address now. "
                                  "If its new firmware has no web server, --no-wait does not look for it.");
        break;
    case OTTER_UPLOAD_FAILURE_UNCHANGED:
        otter_advice_say(&advice,
                         "The new firmware did not start or did not stay, and the old one was put back: "
                         "the device's console tells why.");
        break;
    case OTTER_UPLOAD_FAILURE_INTERRUPTED:
        advise_old_state(&advice, session);
        break;
    }
}
