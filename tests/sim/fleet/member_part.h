/* member_part.h: what the files of a member know of each other. */
#ifndef WG_TESTS_SIM_FLEET_MEMBER_PART_H
#define WG_TESTS_SIM_FLEET_MEMBER_PART_H

#include "tests/sim/fleet/crew.h"
#include "tests/sim/fleet/member.h"

/* A stream of numbers for the member's next question. */
void member_dice(struct member *member, struct crew *crew, struct chance *out);
/* Of the present life, or void. bytes are taken over. */
void member_later(struct member *member, struct crew *crew, wg_duration after,
                  const struct event *like);
/* An event for the core, and its actions carried out. The core is there; it may be gone after. */
void member_feed(struct member *member, struct crew *crew, const struct core_event *event);

/* member_work.c */
void member_answer(struct member *member, struct crew *crew, wg_duration after,
                   enum core_event_kind kind);
void member_fetch(struct member *member, struct crew *crew);
void member_install(struct member *member, struct crew *crew);
void member_check(struct member *member, struct crew *crew, bool boot);
void member_commit(struct member *member, struct crew *crew);

/* member_life.c */
void member_down(struct member *member, struct crew *crew);
void member_reboot(struct member *member, struct crew *crew);

/* member_talk.c */
void member_say(struct member *member, struct crew *crew, enum wg_topic topic, const char *payload,
                size_t len);
bool member_will(const struct member *member, struct wg_buf *out, struct wg_error *err);
void member_lost(struct member *member, struct crew *crew);

#endif
