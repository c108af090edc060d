/* What one test works with: a temporary folder and the programs that it starts. All gone at its end. */
#ifndef OTTER_TEST_SCENE_H
#define OTTER_TEST_SCENE_H

#include <limits.h>
#include <stddef.h>

#include "tests/support/process.h"

#define SCENE_PROCESSES_MAX 80

struct scene {
    char folder[64];
    struct process processes[SCENE_PROCESSES_MAX];
    size_t count;
    int netns; /* where programs are started; -1: here */
};

void scene_open(struct scene *scene);
void scene_close(struct scene *scene);

/* The same as fixtures of a cmocka test; *STATE is a struct scene. */
int scene_setup(void **state);
int scene_teardown(void **state);

/* OUT: the path of NAME in the folder. Returns OUT. */
const char *scene_path(const struct scene *scene, char out[PATH_MAX], const char *name);
/* Writes a file NAME of the folder; its path in OUT, which is returned. */
const char *scene_file(const struct scene *scene, char out[PATH_MAX], const char *name, const void *bytes,
                       size_t size);

/* Starts a program: its path and arguments, ended by NULL. */
struct process *scene_start_arguments(struct scene *scene, const char *const argv[]);
#define scene_start(scene, ...) scene_start_arguments(scene, PROCESS_STRINGS(__VA_ARGS__))
/* The same on a terminal: see process_start_on_terminal(). */
struct process *scene_start_on_terminal(struct scene *scene, const char *const argv[]);

#endif
