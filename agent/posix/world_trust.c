/* world_trust.c: what the device believes, and what it is known by: the repository's metadata, its
 * policy, the pins, and the certificate that is renewed in time. */
#include "agent/posix/world_part.h"
#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

#define CSR_MAX WG_MESSAGE_MAX

/* The core asks again when an order comes again. */
void world_vouch(struct world *world, const struct core_action *action)
{
    struct wg_error err = {0};
    struct wg_order order = {.kind = WG_ORDER_INSTALL};
    json_t *envelope = action->payload ? wg_order_parse(action->payload, action->len, &err) : NULL;
    bool read = envelope && wg_order_read(envelope, &order, &err);
    json_decref(envelope);
    if (!world->repository || (action->payload && !read) ||
        !repository_ask(world->repository, read ? order.component : NULL,
                        read ? order.version : NULL, action->payload, action->len,
                        wall_least(&world->wall), &err))
        wg_log_error("the repository cannot be asked", &err);
}

static void take_policy(struct world *world, struct repository_event *answer)
{
    struct trust_policy *old = world->policy;
    struct core_event event = {.kind = CORE_EV_POLICY, .policy = answer->policy};
    if (!answer->policy) return;
    world->policy = answer->policy;
    answer->policy = NULL;
    world_tell(world, &event);
    free(old);
}

static void raise_wall(struct world *world, wg_time issued)
{
    struct wg_error err = {0};
    if (!wall_raise(&world->wall, issued, &err)) wg_log_error("the time is not kept", &err);
}

void world_on_repository(struct world *world)
{
    struct repository_event *answer;
    while (world->repository && (answer = repository_next(world->repository))) {
        raise_wall(world, answer->issued);
        struct core_event event = {.kind = answer->ok ? CORE_EV_VOUCHED : CORE_EV_UNVOUCHED,
                                   .bytes = answer->payload,
                                   .len = answer->len,
                                   .text = answer->text,
                                   .issued = answer->issued,
                                   .facts = answer->found ? &answer->facts : NULL,
                                   .companions = answer->found ? answer->companions : NULL};
        take_policy(world, answer);
        if (!answer->ok) wg_log(WG_LOG_WARN, answer->text, NULL);
        if (answer->payload) world_tell(world, &event);
        repository_event_free(answer);
    }
}

/* The policy is asked for at once: until it is there, the configuration's directors count. */
bool world_open_repository(struct world *world, struct wg_error *err)
{
    const struct settings *settings = world->settings;
    const struct repository_config config = {.url = settings->repository,
                                             .root_file = settings->root,
                                             .state = settings->state,
                                             .ca_file = settings->ca,
                                             .cert_file = settings->certificate,
                                             .key_file = settings->key,
                                             .pins = world->pins.tls,
                                             .download = &settings->download};
    if (!settings->repository[0]) return true;
    world->repository = repository_new(&config, err);
    return world->repository &&
           repository_ask(world->repository, NULL, NULL, NULL, 0, wall_least(&world->wall), err);
}

/* What shows the device's certificate shows the present one. */
static void show_pair(struct world *world)
{
    const struct renewal_pair *pair = &world->identity.store.present;
    fetch_set_pair(world->fetch, pair->certificate, pair->key);
    if (world->repository) repository_set_pair(world->repository, pair->certificate, pair->key);
}

bool world_open_identity(struct world *world, struct wg_error *err)
{
    const struct settings *settings = world->settings;
    struct renewal_pair factory;
    (void)wg_copy(factory.certificate, sizeof factory.certificate, settings->certificate);
    (void)wg_copy(factory.key, sizeof factory.key, settings->key);
    if (!identity_open(&world->identity, settings->state, &factory, err)) return false;
    if (world->pins.tls) world->identity.store.pins = &world->pins.list;
    show_pair(world);
    return true;
}

bool world_open_pins(struct world *world, struct wg_error *err)
{
    const struct settings *settings = world->settings;
    return !settings->pins[0] || pin_store_open(&world->pins, settings->state, settings->pins,
                                                settings->pins_key, settings->core.resend, err);
}

static void take_pins(struct world *world, const struct wg_cert_message *message)
{
    struct wg_error err = {0};
    if (!pin_store_take(&world->pins, message->pins, strlen(message->pins),
                        session_issuer(world->session), &err))
        wg_log_error("a list of pins is not taken", &err);
}

void world_on_cert(struct world *world, const char *payload, size_t len)
{
    struct wg_error err = {0};
    struct wg_cert_message answer;
    if (!wg_cert_message_decode(payload, len, &answer, &err))
        wg_log_error("an answer about the certificate is not taken", &err);
    else if (answer.kind == WG_CERT_PINS)
        take_pins(world, &answer);
    else if (identity_take(&world->identity, &answer, wg_monotonic()))
        show_pair(world);
}

/* The pair is tried by a session of its own; the one before ends politely. */
static void reconnect(struct world *world)
{
    session_again(world->session, wg_monotonic());
    pin_store_down(&world->pins);
    world_tell_text(world, CORE_EV_LOST, NULL);
}

static void ask_pins(struct world *world)
{
    struct wg_buf out;
    wg_buf_init(&out, CSR_MAX);
    if (pin_store_ask(&world->pins, wg_monotonic(), &out))
        (void)session_publish(world->session, WG_TOPIC_UP_CSR, wg_buf_str(&out), out.len);
    wg_buf_clear(&out);
}

void world_renew(struct world *world)
{
    ask_pins(world);
    enum identity_wish wish = IDENTITY_PUBLISH;
    while (wish == IDENTITY_PUBLISH) {
        struct wg_buf out;
        wg_buf_init(&out, CSR_MAX);
        wish = identity_step(&world->identity, wall_now(&world->wall), wg_monotonic(), &out);
        if (wish == IDENTITY_PUBLISH && !out.failed)
            (void)session_publish(world->session, WG_TOPIC_UP_CSR, wg_buf_str(&out), out.len);
        wg_buf_clear(&out);
    }
    if (wish == IDENTITY_RECONNECT) reconnect(world);
}
