/* A push under valgrind, both sides: no leak, no byte read that was never written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/push.h"
#include "tests/support/require.h"
#include "tests/support/test.h"

#define VALGRIND "/usr/bin/valgrind"
#define VALGRIND_ARGUMENTS                                                                                   \
    VALGRIND, "--quiet", "--error-exitcode=99", "--leak-check=full", "--show-leak-kinds=definite,possible",  \
        "--errors-for-leak-kinds=definite,possible", "--child-silent-after-fork=yes"

enum { WAIT_MS = 180000, SKIPPED = 77 };

static const char *wait_listening(struct process *sim)
{
    static char address[64];
    const char *line = process_wait_line(sim, "listening on UDP ", WAIT_MS);
    REQUIRE(line && sscanf(line, "listening on UDP %63s", address) == 1, "%s", sim->text);
    return address;
}

static void a_push_with_a_password(void **state)
{
    struct scene *scene = *state;
    char running[PATH_MAX], pushed[PATH_MAX], flash[PATH_MAX];
    push_garden_path(running, "garden-1.bin");
    push_garden_path(pushed, "garden-2.bin");
    scene_path(scene, flash, "flash");
    struct process *sim =
        scene_start(scene, VALGRIND_ARGUMENTS, OTTER_SIM_PROGRAM, "--flash", flash, "--image", running,
                    "--port", "0", "--password", "secret", "--exit-after", "1", NULL);
    const char *address = wait_listening(sim);
    struct process *guess = scene_start(scene, VALGRIND_ARGUMENTS, OTTER_PROGRAM, "push", "--password",
                                        "guess", address, pushed, NULL);
    assert_true(process_ends(guess, 5, WAIT_MS, PROCESS_STRINGS(NULL)));
    struct process *push = scene_start(scene, VALGRIND_ARGUMENTS, OTTER_PROGRAM, "push", "--compress",
                                       "--password", "secret", address, pushed, NULL);
    assert_true(process_ends(push, 0, WAIT_MS, PROCESS_STRINGS(NULL)));
    assert_true(process_ends(sim, 0, WAIT_MS, PROCESS_STRINGS("2.0.0", NULL)));
}

int main(void)
{
#ifdef __SANITIZE_ADDRESS__
    puts("skipped: the sanitizers look for the same, and do not run under valgrind");
    return SKIPPED;
#endif
    if (access(VALGRIND, X_OK) != 0) {
        puts("skipped: no " VALGRIND);
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_push_with_a_password, scene_setup, scene_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
