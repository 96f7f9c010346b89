// Times and durations on the command line, as the filters of the screens understand them.
#pragma once

#include "ui/time_words.hpp"

namespace keydeck::cli {

using ui::parse_duration;
using ui::parse_time;

}  // namespace keydeck::cli
