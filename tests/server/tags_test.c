#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "server/core/tags.h"
#include "tests/support/seed.h"

static void words_are_sorted_and_none_is_twice(void **state)
{
    (void)state;
    static const struct {
        const char *text, *tags;
    } cases[] = {
        {"", ""},
        {" , ", ""},
        {"indoor", "indoor"},
        {"b a", "a b"},
        {"b,a,,c b", "a b c"},
        {"In-Door v1.2 x_y", "in-door v1.2 x_y"},
        {"ab a abc", "a ab abc"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char tags[OTTER_TAGS_SIZE] = "before";
        assert_true(otter_tags_decode(tags, cases[i].text));
        assert_string_equal(tags, cases[i].tags);
    }
}

static void what_is_no_tag_is_refused(void **state)
{
    (void)state;
    static const char *const others[] = {"a;b", "!a", "caf\xC3\xA9", "a'b", "\"", "a\nb"};
    char long_word[OTTER_TAGS_SIZE + 10], tags[OTTER_TAGS_SIZE] = "before";
    for (size_t i = 0; i < TEST_COUNT(others); i++)
        assert_false(otter_tags_decode(tags, others[i]));
    memset(long_word, 'a', sizeof(long_word));
    long_word[OTTER_TAGS_SIZE] = '\0';
    assert_false(otter_tags_decode(tags, long_word));
    assert_string_equal(tags, "before");
}

static void no_list_is_longer_than_its_room(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int i = 0; i < 2000; i++) {
        char text[300] = "", tags[OTTER_TAGS_SIZE];
        size_t length = seed_below(&seed, sizeof(text) - 1);
        for (size_t j = 0; j < length; j++)
            text[j] = "abc  "[seed_below(&seed, 5)];
        if (otter_tags_decode(tags, text)) {
            char again[OTTER_TAGS_SIZE];
            assert_true(strlen(tags) < sizeof(tags));
            assert_true(otter_tags_decode(again, tags));
            assert_string_equal(again, tags);
        }
    }
}

static void queries_find_devices(void **state)
{
    (void)state;
    static const struct {
        const char *query, *tags;
        bool meets;
    } cases[] = {
        {"", "", true},
        {"", "a", true},
        {"a", "", false},
        {"a", "a b", true},
        {"b a", "a b c", true},
        {"a d", "a b c", false},
        {"!a", "", true},
        {"!a", "a b", false},
        {"!c a", "a b", true},
        {"!b a", "a b", false},
        {"ab", "a abc", false},
        {"!a", "ab ba", true},
        {"abc", "a ab abc", true},
        {"c", "a b c", true},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char query[OTTER_TAGS_SIZE];
        assert_true(otter_tag_query_decode(query, cases[i].query));
        assert_int_equal(otter_tag_query_matches(query, cases[i].tags), cases[i].meets);
    }
    char query[OTTER_TAGS_SIZE];
    assert_false(otter_tag_query_decode(query, "!"));
    assert_false(otter_tag_query_decode(query, "!!a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_sorted_and_none_is_twice),
        cmocka_unit_test(what_is_no_tag_is_refused),
        cmocka_unit_test(no_list_is_longer_than_its_room),
        cmocka_unit_test(queries_find_devices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
