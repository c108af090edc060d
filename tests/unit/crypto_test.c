#include "tests/support/test.h"

#include <string.h>

#include "crypto/crypto.h"
#include "crypto/push_auth.h"
#include "format/text.h"

static void assert_hex(const void *bytes, size_t size, const char *expected)
{
    char text[129];
    otter_hex_encode(text, bytes, size);
    assert_string_equal(text, expected);
}

struct vector {
    const char *text;
    const char *digest;
};

static void md5_is_that_of_rfc_1321(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e"},
        {"a", "0cc175b9c0f1b6a831c399e269772661"},
        {"abc", "900150983cd24fb0d6963f7d28e17f72"},
        {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
        {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
         "d174ab98d277d9f5a5611c2c9f419d9f"},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "57edf4a22be3c955ac49da2e2107b67a"},
    };
    for (size_t i = 0; i < TEST_COUNT(vectors); i++) {
        struct otter_md5 md5;
        uint8_t digest[OTTER_MD5_SIZE];
        otter_md5_init(&md5);
        for (const char *c = vectors[i].text; *c != '\0'; c++)
            otter_md5_update(&md5, c, 1);
        otter_md5_final(&md5, digest);
        assert_hex(digest, sizeof(digest), vectors[i].digest);
    }
}

static void sha256_is_that_of_fips_180(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < TEST_COUNT(vectors); i++) {
        struct otter_sha256 sha256;
        uint8_t digest[OTTER_SHA256_SIZE];
        otter_sha256_init(&sha256);
        for (const char *c = vectors[i].text; *c != '\0'; c++)
            otter_sha256_update(&sha256, c, 1);
        otter_sha256_final(&sha256, digest);
        assert_hex(digest, sizeof(digest), vectors[i].digest);
    }
}

static void a_digest_may_be_read_on_the_way(void **state)
{
    (void)state;
    struct otter_md5 md5;
    uint8_t digest[OTTER_MD5_SIZE];
    otter_md5_init(&md5);
    otter_md5_update(&md5, "a", 1);
    otter_md5_final(&md5, digest);
    assert_hex(digest, sizeof(digest), "0cc175b9c0f1b6a831c399e269772661");
    otter_md5_update(&md5, "bc", 2);
    otter_md5_final(&md5, digest);
    assert_hex(digest, sizeof(digest), "900150983cd24fb0d6963f7d28e17f72");
}

/* RFC 4231, sections 4.2 to 4.8, without the truncated one */
static void hmac_is_that_of_rfc_4231(void **state)
{
    (void)state;
    uint8_t key[131];
    uint8_t data[50];
    uint8_t mac[OTTER_SHA256_SIZE];
    struct otter_hmac_key hmac;

    memset(key, 0x0B, 20);
    otter_hmac_key_init(&hmac, key, 20);
    otter_hmac(&hmac, "Hi There", 8, mac);
    assert_hex(mac, sizeof(mac), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");

    otter_hmac_key_init(&hmac, "Jefe", 4);
    otter_hmac(&hmac, "what do ya want for nothing?", 28, mac);
    assert_hex(mac, sizeof(mac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");

    memset(key, 0xAA, sizeof(key));
    memset(data, 0xDD, sizeof(data));
    otter_hmac_key_init(&hmac, key, 20);
    otter_hmac(&hmac, data, sizeof(data), mac);
    assert_hex(mac, sizeof(mac), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");

    static const char long_key[] = "Test Using Larger Than Block-Size Key - Hash Key First";
    otter_hmac_key_init(&hmac, key, sizeof(key));
    otter_hmac(&hmac, long_key, sizeof(long_key) - 1, mac);
    assert_hex(mac, sizeof(mac), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");

    static const char long_data[] =
        "This is a test using a larger than block-size key and a larger than block-size data. The key needs "
        "to be hashed before being used by the HMAC algorithm.";
    otter_hmac(&hmac, long_data, sizeof(long_data) - 1, mac);
    assert_hex(mac, sizeof(mac), "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

struct derivation {
    const char *password;
    const char *salt;
    uint32_t rounds;
    const char *key;
};

/* RFC 7914, section 11: the first 32 of the 64 bytes there; the rest computed with Python's hashlib. */
static void pbkdf2_is_that_of_rfc_7914(void **state)
{
    (void)state;
    static const struct derivation derivations[] = {
        {"passwd", "salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"},
        {"Password", "NaCl", 80000, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"},
        {"password", "salt", 2, "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43"},
        {"password", "salt", 4096, "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"},
    };
    for (size_t i = 0; i < TEST_COUNT(derivations); i++) {
        const struct derivation *d = &derivations[i];
        struct otter_pbkdf2 pbkdf2;
        otter_pbkdf2_init(&pbkdf2, d->password, strlen(d->password), d->salt, strlen(d->salt), d->rounds);
        while (!otter_pbkdf2_step(&pbkdf2, 777))
            continue;
        assert_hex(pbkdf2.block, sizeof(pbkdf2.block), d->key);
    }
}

static void pbkdf2_takes_as_many_steps_as_it_is_told(void **state)
{
    (void)state;
    struct otter_pbkdf2 pbkdf2;
    otter_pbkdf2_init(&pbkdf2, "password", 8, "salt", 4, 11);
    assert_false(otter_pbkdf2_step(&pbkdf2, 0));
    assert_false(otter_pbkdf2_step(&pbkdf2, 9));
    assert_true(otter_pbkdf2_step(&pbkdf2, 1));
    uint8_t block[OTTER_SHA256_SIZE];
    memcpy(block, pbkdf2.block, sizeof(block));
    assert_true(otter_pbkdf2_step(&pbkdf2, 1000));
    assert_memory_equal(pbkdf2.block, block, sizeof(block));
}

static void every_bit_makes_a_difference(void **state)
{
    (void)state;
    uint8_t left[33] = {0};
    uint8_t right[33] = {0};
    assert_true(otter_equal_constant_time(left, right, sizeof(left)));
    for (unsigned bit = 0; bit < 8 * sizeof(left); bit++) {
        right[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(otter_equal_constant_time(left, right, sizeof(left)));
        assert_true(otter_equal_constant_time(left, right, bit / 8));
        right[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/* --- the push protocol: spec/push.md, section 3 --------------------------------------------------- */

static void passwords_are_hashed(void **state)
{
    (void)state;
    char md5[33];
    char sha256[65];
    otter_push_auth_hash_md5(md5, "secret");
    assert_string_equal(md5, "5ebe2294ecd0e0f08eab7690d2a6ee69");
    otter_push_auth_hash_sha256(sha256, "secret");
    assert_string_equal(sha256, "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b");
}

static void the_md5_era_answers_as_recorded(void **state)
{
    (void)state;
    char passhash[33];
    char response[33];
    otter_push_auth_hash_md5(passhash, "secret");
    otter_push_auth_md5(response, passhash, "1e8f0aa2aee20af7f9d6de3f60ea73fb",
                        "331a3db132944f0ae3bfe580e9792b8f");
    assert_string_equal(response, "f5dca01f93d283c1787e051768ac7471");
}

static const char nonce[] = "78377b525757b494427f89014f97d79928f3938d14eb51e20fb5dec9834eb304";
static const char cnonce[] = "39b6bd4f2bfa336bf00c37bed108afda082f6fe23601bf8b81d71d4bed28f1c3";

static void answer(const char *passhash, const char *key, const char *expected)
{
    struct otter_push_auth_sha256 auth;
    char response[65];
    otter_push_auth_sha256_init(&auth, passhash, nonce, cnonce);
    for (uint32_t rounds = 1; rounds < OTTER_PUSH_AUTH_ROUNDS - 1; rounds++)
        assert_false(otter_push_auth_sha256_step(&auth, 1, response, nonce, cnonce));
    assert_true(otter_push_auth_sha256_step(&auth, 1, response, nonce, cnonce));
    assert_hex(auth.pbkdf2.block, sizeof(auth.pbkdf2.block), key);
    assert_string_equal(response, expected);
}

static void the_sha256_era_answers_with_either_hash(void **state)
{
    (void)state;
    char md5[33];
    char sha256[65];
    otter_push_auth_hash_md5(md5, "secret");
    otter_push_auth_hash_sha256(sha256, "secret");
    answer(sha256, "3822dcbcea00e985bc747abcff1d3e105c63ef8e6c8a8938806b9491f50c14f7",
           "b6f9494b671dd3dfb828041f628da49d8d85d7118fefdf0fb15f1cb5cde0330d");
    answer(md5, "e315c63373320614dae8bac48b6929a91b2a9bf61d03fc3dd0e437c6c0170d00",
           "e8a32d90b8258b66eaebb78c129f834317f8c07eeb995776bc536f8cd4c98e94");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(md5_is_that_of_rfc_1321),
        cmocka_unit_test(sha256_is_that_of_fips_180),
        cmocka_unit_test(a_digest_may_be_read_on_the_way),
        cmocka_unit_test(hmac_is_that_of_rfc_4231),
        cmocka_unit_test(pbkdf2_is_that_of_rfc_7914),
        cmocka_unit_test(pbkdf2_takes_as_many_steps_as_it_is_told),
        cmocka_unit_test(every_bit_makes_a_difference),
        cmocka_unit_test(passwords_are_hashed),
        cmocka_unit_test(the_md5_era_answers_as_recorded),
        cmocka_unit_test(the_sha256_era_answers_with_either_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
