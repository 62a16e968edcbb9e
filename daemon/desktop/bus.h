/* SPDX-License-Identifier: MIT */
#pragma once

/* Leaving the session bus. */

#include <systemd/sd-bus.h>

/* What was sent is still delivered, unless the bus has not even let us in, which could take for
 * ever. NULL is fine. Returns NULL. */
static inline sd_bus *bus_leave(sd_bus *bus)
{
    return bus && sd_bus_is_ready(bus) > 0 ? sd_bus_flush_close_unref(bus)
                                           : sd_bus_close_unref(bus);
}
