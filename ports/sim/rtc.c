#include "ports/sim/rtc.h"

#include <assert.h>
#include <string.h>

#include "ports/sim/random.h"

void otter_sim_rtc_power_on(struct otter_sim_rtc *rtc, uint64_t seed)
{
    for (uint32_t i = 0; i < OTTER_SIM_RTC_WORDS; i++)
        rtc->words[i] = (uint32_t)otter_sim_random(&seed);
}

static void check_range(uint32_t index, uint32_t count)
{
    assert(count <= OTTER_SIM_RTC_WORDS && index <= OTTER_SIM_RTC_WORDS - count);
    (void)index;
    (void)count;
}

void otter_sim_rtc_read(const struct otter_sim_rtc *rtc, uint32_t index, uint32_t *words, uint32_t count)
{
    check_range(index, count);
    memcpy(words, rtc->words + index, count * sizeof *words);
}

void otter_sim_rtc_write(struct otter_sim_rtc *rtc, uint32_t index, const uint32_t *words, uint32_t count)
{
    check_range(index, count);
    memcpy(rtc->words + index, words, count * sizeof *words);
}
