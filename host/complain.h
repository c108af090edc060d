/* What goes wrong, said on stderr, and the exit statuses that a script can tell apart. */
#ifndef OTTER_HOST_COMPLAIN_H
#define OTTER_HOST_COMPLAIN_H

/* Documented in `otter help push`. */
enum otter_exit {
    OTTER_EXIT_OK = 0,
    OTTER_EXIT_FAILURE = 1,        /* this computer could not do it: memory, sockets, output */
    OTTER_EXIT_USAGE = 2,          /* the command line is wrong */
    OTTER_EXIT_FILE = 3,           /* a file can't be used */
    OTTER_EXIT_NO_ANSWER = 4,      /* no such device, or no answer from it */
    OTTER_EXIT_AUTHENTICATION = 5, /* password wrong or missing */
    OTTER_EXIT_REFUSED = 6,        /* the device refused the update before it began */
    OTTER_EXIT_NO_CONNECTION = 7,  /* the device accepted, but could not connect back */
    OTTER_EXIT_BROKEN = 8,         /* the transfer broke off, or its outcome is not known */
    OTTER_EXIT_REJECTED = 9,       /* the device rejected what it got */
    OTTER_EXIT_SEVERAL = 10,       /* several devices failed for different reasons */
    OTTER_EXIT_INTERRUPTED = 130,  /* by the user */
};

/* Prints "otter: " and the message, made visible, and a newline on stderr; returns STATUS. */
enum otter_exit otter_complain(enum otter_exit status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
