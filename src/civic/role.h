/* civic/role.h -- the roles that flows and rights speak of, each a bit of a mask.
 * Owns:          enum role, its table of keys and names
 * Must not know: who holds which (record)
 * Begin at:      ROLES, role_find(), ROLE_BIT()
 *
 * Some roles are held only in respect of one matter (ROLES_OF_A_MATTER): `author` filed it, `owner` is the person (or anyone
 * of the role) that its state waits for, `system` is the program itself; of a ballot, a `trustee` helps to open the result
 * and the `authority` hands out the voters' codes. `handler` is both: as a role that a person holds in a place
 * it means "may be given matters"; in a flow's `by: handler` it means "was given this matter", so whoever asks the
 * machine sets that bit only for the one it was given to. Everything else is a role held in a place over dates.
 * Adding a role: a row here, in the order of who is nearest to the villager; masks are never stored, keys are.
 */
#ifndef CIVIC_ROLE_H
#define CIVIC_ROLE_H
#include "base/text.h"
#include "civic/label.h"

#include <stdint.h>

/* clang-format off */
#define ROLES(row) \
    row(AUTHOR, "author", "提出人", "Author") \
    row(OWNER, "owner", "当前责任人", "Current owner") \
    row(HANDLER, "handler", "承办人", "Handler") \
    row(SYSTEM, "system", "系统", "System") \
    row(TRUSTEE, "trustee", "开票人", "Trustee") \
    row(AUTHORITY, "authority", "发码人", "Credential authority") \
    row(VILLAGER, "villager", "村民", "Villager") \
    row(REPRESENTATIVE, "representative", "村民代表", "Villagers' representative") \
    row(CONTACT, "contact", "联户人", "Household contact") \
    row(GROUP_LEADER, "group_leader", "组长", "Group leader") \
    row(GRID_WORKER, "grid_worker", "网格员", "Grid worker") \
    row(VILLAGE_DUTY, "village_duty", "村值班员", "Village duty officer") \
    row(VILLAGE_SECRETARY, "village_secretary", "村支书", "Village secretary") \
    row(SUPERVISOR, "supervisor", "村务监督委员", "Village supervisor") \
    row(DESK, "desk", "受理台", "Service desk") \
    row(TOWN_DUTY, "town_duty", "镇值班员", "Town duty officer") \
    row(TOWN_LEADER, "town_leader", "镇领导", "Town leader") \
    row(PETITION_OFFICE, "petition_office", "信访办", "Petition office") \
    row(HIGHER_BODY, "higher_body", "上一级机关", "Next higher body") \
    row(CHAIR, "chair", "听证主持人", "Chair of the hearing") \
    row(PANEL, "panel", "听证员", "Panel member") \
    row(LAWYER, "lawyer", "律师", "Lawyer") \
    row(JUDICIAL_OFFICE, "judicial_office", "司法所", "Judicial office") \
    row(ENTERPRISE, "enterprise", "企业联系人", "Enterprise contact") \
    row(INSTRUCTOR, "instructor", "党建指导员", "Party-building instructor") \
    row(ALLIANCE_OFFICE, "alliance_office", "联盟办公室", "Alliance office") \
    row(COUNTY_CENTRE, "county_centre", "县级指挥中心", "County emergency centre") \
    row(DISTRICT_OFFICIAL, "district_official", "区县干部", "District official") \
    row(ADMINISTRATOR, "administrator", "系统管理员", "Administrator")
/* clang-format on */

enum role {
#define ROLE_ENUM(name, key, zh, en) ROLE_##name,
    ROLES(ROLE_ENUM)
#undef ROLE_ENUM
        ROLE_COUNT
};

/* A set of roles. */
typedef uint64_t role_mask;
#define ROLE_BIT(role) (UINT64_C(1) << (role))

/* Nobody holds these in a place. */
#define ROLES_OF_A_MATTER                                                                                              \
    (ROLE_BIT(ROLE_AUTHOR) | ROLE_BIT(ROLE_OWNER) | ROLE_BIT(ROLE_SYSTEM) | ROLE_BIT(ROLE_TRUSTEE) |                 \
     ROLE_BIT(ROLE_AUTHORITY))

/* The role with this key, or -1. */
int role_find(struct text key);
const char *role_key(enum role role);
const struct label *role_label(enum role role);
#endif
