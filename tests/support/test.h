/* What every cmocka test includes, in the order that cmocka wants. */
#ifndef OTTER_TEST_H
#define OTTER_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TEST_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
