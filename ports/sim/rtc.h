/* RTC user memory: survives a restart, and holds anything after power was lost. */
#ifndef OTTER_SIM_RTC_H
#define OTTER_SIM_RTC_H

#include <stdint.h>

#define OTTER_SIM_RTC_WORDS 128u /* ESP8266: 512 bytes at 0x60001200 */

struct otter_sim_rtc {
    uint32_t words[OTTER_SIM_RTC_WORDS];
};

/* What the memory holds when power comes (back): bits that depend on SEED alone. */
void otter_sim_rtc_power_on(struct otter_sim_rtc *rtc, uint64_t seed);

/* As the port contract has them; INDEX and COUNT are words and must lie within the memory. */
void otter_sim_rtc_read(const struct otter_sim_rtc *rtc, uint32_t index, uint32_t *words, uint32_t count);
void otter_sim_rtc_write(struct otter_sim_rtc *rtc, uint32_t index, const uint32_t *words, uint32_t count);

#endif
