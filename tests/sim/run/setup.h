/* setup.h: what a seed means before anything has happened: the fleet, the campaigns, what people
 * will do and when, how many orchestrators and brokers there are. Each is drawn from the seed and
 * its own number alone, so leaving one out changes none of the others. */
#ifndef WG_TESTS_SIM_RUN_SETUP_H
#define WG_TESTS_SIM_RUN_SETUP_H

#include "common/message.h"

#define SETUP_DEVICES_MAX 400
#define SETUP_CAMPAIGNS_MAX 4
#define SETUP_COMMANDS_MAX 96
#define SETUP_SERVERS_MAX 3
#define SETUP_BROKERS_MAX 2
#define SETUP_TEXT_MAX 4096
#define SETUP_COMPONENT "app"
#define SETUP_COMPANION "modem" /* comes with every other release, in the same version */
#define SETUP_RINGS 4

struct setup_device {
    bool left_out;
    char id[16], site[8], ring[8], region[8];
    char zone[WG_ZONE_MAX + 1]; /* at first */
    const char *version;        /* that it runs at first */
    wg_duration joins;          /* first power, since the start */
    wg_duration soak, health_every;
    wg_duration pace; /* a phase of an update takes about so long */
    size_t broker;    /* the one it prefers */
};

struct setup_campaign {
    bool left_out;
    char name[16];
    char version[16];
    wg_duration at;             /* applied */
    char rings[SETUP_RINGS];    /* 1: devices of this ring are wanted */
    char region[8];             /* "" any */
    char text[SETUP_TEXT_MAX];  /* the file */
    char other[SETUP_TEXT_MAX]; /* what it is revised to; "" never */
};

enum setup_verb {
    SETUP_APPLY,
    SETUP_REVISE,
    SETUP_APPROVE,
    SETUP_PAUSE,
    SETUP_HOLD, /* pause --hold */
    SETUP_RESUME,
    SETUP_ABORT,
    SETUP_ADVANCE,
    SETUP_HOLD_GATE,
    SETUP_ROLLBACK,
    SETUP_REVOKE,
    SETUP_VERBS
};
const char *setup_verb_text(enum setup_verb verb);

struct setup_command {
    wg_duration at;
    enum setup_verb verb;
    size_t campaign; /* or device, to revoke */
    int wave;        /* approve, advance; -1: the start */
    int operator_number;
};

/* What a replay leaves out, besides faults; bits by number. */
struct setup_mask {
    uint64_t devices[(SETUP_DEVICES_MAX + 63) / 64];
    uint64_t campaigns;
    size_t size; /* of the fleet, whatever the seed says; 0: as it says */
};

struct setup {
    uint64_t seed;
    wg_time start;     /* virtual time of the first event: near a change of clocks, now and then */
    wg_duration chaos; /* then nothing more goes wrong */
    size_t device_count, campaign_count, command_count, server_count, broker_count;
    struct setup_device devices[SETUP_DEVICES_MAX];
    struct setup_campaign campaigns[SETUP_CAMPAIGNS_MAX];
    struct setup_command commands[SETUP_COMMANDS_MAX];
    int64_t per_site; /* devices of one site at a time; 0: as many as there are */
    wg_duration intake_wait, order_resend, order_lifetime;
    bool metrics;       /* some gate compares how devices do */
    double bad_release; /* share of devices that a release harms, beside other faults */
};

void setup_draw(struct setup *setup, uint64_t seed, const struct setup_mask *mask);
bool setup_mask_has(const uint64_t *bits, size_t number);
void setup_mask_set(uint64_t *bits, size_t number, bool on);

/* Is it in the campaign's target? By the setup alone, as it was drawn. */
bool setup_matches(const struct setup_campaign *campaign, const struct setup_device *device);

/* Is the release of that version one of two components? */
bool setup_has_companion(const char *version);

#endif
