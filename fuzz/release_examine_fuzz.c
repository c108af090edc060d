/* Files offered as releases, for either chip and of either kind: one that is taken has sizes that are within
 * what was offered, and is taken again with the same digests; one that is refused has a reason. */
#include <stdlib.h>
#include <string.h>

#include "server/core/release_examine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void examine(const struct otter_product *product, enum otter_release_kind kind, const uint8_t *data,
                    size_t size)
{
    struct otter_release release = {.kind = kind, .version = "1"}, again = {.kind = kind, .version = "1"};
    struct otter_reason reason = {.text = ""};
    if (!otter_release_examine(&release, product, data, size, &reason)) {
        require(reason.text[0] != '\0');
        return;
    }
    require(release.size == size && release.version[0] != '\0');
    require(release.sketch_size <= release.image_size);
    require(release.compressed || release.image_size <= release.size);
    require(otter_release_examine(&again, product, data, size, &reason));
    require(memcmp(again.flash_md5, release.flash_md5, sizeof(again.flash_md5)) == 0);
    require(memcmp(again.sha256, release.sha256, sizeof(again.sha256)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct otter_product esp8266 = {.flash_size = 4u << 20}, esp32 = {.chip = OTTER_CHIP_ESP32};
    examine(&esp8266, OTTER_RELEASE_SKETCH, data, size);
    examine(&esp32, OTTER_RELEASE_SKETCH, data, size);
    examine(&esp8266, OTTER_RELEASE_FILESYSTEM, data, size);
    return 0;
}
