/* Why something failed, in words for the person who runs the server; grows as the error climbs. */
#ifndef OTTER_STORE_REASON_H
#define OTTER_STORE_REASON_H

#define OTTER_REASON_SIZE 512

struct otter_reason {
    char text[OTTER_REASON_SIZE]; /* one line, without a full stop; cut if it is too long */
};

/* Sets the text. REASON may be NULL here and below: then nobody wants to know. */
__attribute__((format(printf, 2, 3))) void otter_reason_set(struct otter_reason *reason, const char *format,
                                                            ...);

/* Puts what was being done before what is there: "context: text". */
__attribute__((format(printf, 2, 3))) void otter_reason_wrap(struct otter_reason *reason, const char *format,
                                                             ...);

#endif
