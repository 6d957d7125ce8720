/* tests/story/world.h -- the small world of the stories, as the lists an office would import. All people are invented. */
#ifndef TESTS_STORY_WORLD_H
#define TESTS_STORY_WORLD_H

#define WORLD_PLACES                                                                                                   \
    "code,name,kind,parent,valid_from\n"                                                                               \
    "500116000000,江津区,district,,2023-01-01\n"                                                                       \
    "500116106000,永兴镇,town,500116000000,2023-01-01\n"                                                               \
    "500116106200,黄庄村,village,500116106000,2023-01-01\n"                                                            \
    "500116108000,白沙镇,town,500116000000,2023-01-01\n"                                                               \
    "500116108200,石坝村,village,500116108000,2023-01-01\n"

#define WORLD_ORGANISATIONS                                                                                            \
    "code,name,kind,place\n"                                                                                           \
    "yx-building,村镇建设办,department,500116106000\n"                                                                 \
    "yx-civil,民政办,department,500116106000\n"

#define WORLD_PEOPLE                                                                                                   \
    "person,name,sex,birth,id_number,phone,place\n"                                                                    \
    "p-li,李秀兰,女,1962-03-24,50011619620324856X,19900005838,500116106200\n"                                          \
    "p-wang,王大明,男,1970-05-01,,,500116106200\n"                                                                     \
    "p-zhao,赵建国,男,1968-07-01,,,500116108200\n"                                                                     \
    "p-chen,陈静,女,1990-01-01,,,500116106000\n"                                                                       \
    "p-liu,刘洋,男,1991-01-01,,,500116108000\n"                                                                        \
    "p-zhou,周强,男,1985-01-01,,,500116106000\n"                                                                       \
    "p-wu,吴敏,女,1986-01-01,,,500116106000\n"                                                                         \
    "p-tang,唐勇,男,1988-01-01,,,500116106000\n"                                                                       \
    "p-sun,孙涛,男,1975-01-01,,,500116106000\n"                                                                        \
    "p-gao,高原,男,1980-01-01,,,500116106000\n"

#define WORLD_ROLES                                                                                                    \
    "person,role,place,organisation,from\n"                                                                            \
    "p-li,villager,500116106200,,2024-01-01\n"                                                                         \
    "p-wang,villager,500116106200,,2024-01-01\n"                                                                       \
    "p-zhao,villager,500116108200,,2024-01-01\n"                                                                       \
    "p-chen,desk,500116106000,,2024-01-01\n"                                                                           \
    "p-liu,desk,500116108000,,2024-01-01\n"                                                                            \
    "p-zhou,handler,500116106000,yx-building,2024-01-01\n"                                                             \
    "p-wu,handler,500116106000,yx-civil,2024-01-01\n"                                                                  \
    "p-tang,handler,500116106000,yx-building,2024-01-01\n"                                                             \
    "p-sun,town_leader,500116106000,,2024-01-01\n"                                                                     \
    "p-gao,administrator,500116106000,,2024-01-01\n"
#endif
