/* rooms.h: the routes of each noun; rooms.c puts them together. */
#ifndef WG_ORCHESTRATOR_API_ROOMS_H
#define WG_ORCHESTRATOR_API_ROOMS_H

#include "orchestrator/api/routes.h"

extern const struct api_room system_room, session_room, me_room, token_room, people_room,
    campaign_room, campaign_file_room, campaign_write_room, device_write_room, device_room,
    fleet_room, registry_room, group_room, boundary_room, artifact_room, release_room,
    release_write_room, audit_export_room, audit_room, event_room, webhook_room, openid_room,
    invitation_room;

#define MAY(permission) PERMISSION_BIT(MAY_##permission)

#endif
