// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/catch_up.h"

#include <algorithm>

namespace steploom {

std::vector<CatchUp> catchUpsOf(const StepSchedule& schedule, int first) {
    struct Member {
        CatchUp found;
        int known = 0; ///< steps that it has read or written
    };
    std::vector<Member> members;
    for (const StepSchedule::Segment& segment : schedule.segments()) {
        const int begin = std::max(segment.begin, first);
        if (begin >= segment.end())
            continue;
        auto member =
            std::ranges::find(members, segment.letter, [](const Member& each) { return each.found.letter; });
        if (member == members.end())
            member = members.insert(members.end(), {{.letter = segment.letter}, first});
        if (begin > member->known) {
            member->found.steps += begin - member->known;
            ++member->found.returns;
        }
        member->known = segment.end();
    }
    std::vector<CatchUp> all;
    for (const Member& member : members)
        if (member.found.steps > 0)
            all.push_back(member.found);
    return all;
}

} // namespace steploom
