/* Ends a test, or a benchmark, that cannot go on: prints where and why. */
#ifndef OTTER_TEST_REQUIRE_H
#define OTTER_TEST_REQUIRE_H

#define REQUIRE(condition, ...)                                                                              \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            require_failed(__FILE__, __LINE__, __VA_ARGS__);                                                 \
    } while (0)

__attribute__((noreturn, format(printf, 3, 4))) void require_failed(const char *file, int line,
                                                                    const char *format, ...);

#endif
