#include "crypto/crypto.h"

void otter_md5_init(struct otter_md5 *md5)
{
    br_md5_init(&md5->context);
}

void otter_md5_update(struct otter_md5 *md5, const void *bytes, size_t size)
{
    br_md5_update(&md5->context, bytes, size);
}

void otter_md5_final(const struct otter_md5 *md5, uint8_t digest[OTTER_MD5_SIZE])
{
    br_md5_out(&md5->context, digest);
}

void otter_sha256_init(struct otter_sha256 *sha256)
{
    br_sha256_init(&sha256->context);
}

void otter_sha256_update(struct otter_sha256 *sha256, const void *bytes, size_t size)
{
    br_sha256_update(&sha256->context, bytes, size);
}

void otter_sha256_final(const struct otter_sha256 *sha256, uint8_t digest[OTTER_SHA256_SIZE])
{
    br_sha256_out(&sha256->context, digest);
}
