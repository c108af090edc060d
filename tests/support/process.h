/* A program under test: started with pipes, watched with deadlines, always reaped. */
#ifndef OTTER_TEST_PROCESS_H
#define OTTER_TEST_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PROCESS_ARGUMENTS_MAX 96

/* A list of strings in place; the last one is to be NULL. */
#define PROCESS_STRINGS(...) ((const char *const[]){__VA_ARGS__})

/* Exit status of a program that a signal ended: this plus the signal's number, as in a shell. */
#define PROCESS_SIGNALLED 128

struct process {
    pid_t pid;     /* 0 once reaped */
    int pidfd;     /* readable when the program has ended */
    int output;    /* where its standard output and error are read; -1 after their end */
    char *text;    /* all of its output so far, terminated */
    size_t length; /* of text */
    size_t mark;   /* how far process_wait_line() has read */
};

/* Starts ARGV (argv[0] is the path) in the network namespace NETNS, or this one if that is -1. Standard input
 * is empty. The program dies with the test, whatever becomes of that. */
void process_start(struct process *process, const char *const argv[], int netns);
/* The same with a terminal as its input and output, on which process_type() types. */
void process_start_on_terminal(struct process *process, const char *const argv[], int netns);
void process_type(struct process *process, const char *text);

/* The next line that holds TEXT, from TEXT on; terminated by its line feed, and valid until the next call.
 * NULL if the program ends or MS pass before it comes. */
const char *process_wait_line(struct process *process, const char *text, unsigned ms);
/* True once it has printed TEXT, at any time; for what no line feed follows. */
bool process_wait_text(struct process *process, const char *text, unsigned ms);

/* Waits for the end and collects all output; the exit status. Fails the test after MS. */
int process_wait_exit(struct process *process, unsigned ms);

/* True if the program ends with STATUS within MS and has printed each of the NULL-terminated TEXTS; prints
 * what it said otherwise. */
bool process_ends(struct process *process, int status, unsigned ms, const char *const texts[]);

/* Ends the program if it runs, reaps it, frees what was collected. */
void process_stop(struct process *process);

#endif
