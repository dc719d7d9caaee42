/* draw.c: setup and fault rates as text. */
#include "tests/sim/run/draw.h"

#include <inttypes.h>
#include <stdlib.h>

static void print_faults(const struct faults *faults, FILE *out)
{
    (void)fprintf(out, "faults:");
    for (int kind = 0; kind < FAULT_OPERATOR; kind++)
        if (faults->rate[kind] > 0)
            (void)fprintf(out, " %s %.4f", fault_text((enum fault_kind)kind), faults->rate[kind]);
    (void)fprintf(out, "\n");
}

static void print_services(const struct setup *setup, FILE *out)
{
    (void)fprintf(out,
                  "seed %" PRIu64 ": %zu devices, %zu campaigns, %zu orchestrators, %zu brokers, "
                  "chaos for %" PRId64 " h, %" PRId64 " a site, bad release %.2f\n",
                  setup->seed, setup->device_count, setup->campaign_count, setup->server_count,
                  setup->broker_count, setup->chaos / WG_HOUR, setup->per_site, setup->bad_release);
}

static void print_commands(const struct setup *setup, FILE *out)
{
    for (size_t i = 0; i < setup->command_count; i++) {
        const struct setup_command *command = &setup->commands[i];
        char at[HISTORY_TIME];
        history_time(command->at, at);
        (void)fprintf(out, "%s op%d: %s %s%zu wave %d\n", at, command->operator_number,
                      setup_verb_text(command->verb), command->verb == SETUP_REVOKE ? "dev " : "c",
                      command->campaign, command->wave);
    }
}

bool draw_print(uint64_t seed, const struct run_mask *mask, uint64_t without, FILE *out,
                struct wg_error *err)
{
    struct setup *setup = calloc(1, sizeof *setup);
    struct faults *faults = calloc(1, sizeof *faults);
    bool ok = setup && faults;
    if (ok) {
        setup_draw(setup, seed, &mask->setup);
        faults_init(faults, seed, &mask->faults, without);
        print_services(setup, out);
        print_faults(faults, out);
        for (size_t i = 0; i < setup->campaign_count; i++)
            (void)fprintf(out, "%s%s", setup->campaigns[i].text,
                          i + 1 < setup->campaign_count ? "\n" : "");
        print_commands(setup, out);
    }
    free(faults);
    free(setup);
    return ok || wg_fail_memory(err, "drawing");
}
