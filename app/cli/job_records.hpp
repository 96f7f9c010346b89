// Jobs as JSON lines, table rows and details.
#pragma once

#include <string>
#include <vector>

#include "app/cli/records.hpp"

namespace keydeck::cli {

[[nodiscard]] std::string to_json(const JobInfo& job);
void show(Output& out, const JobInfo& job);
/// With what failed in it; `failures` are the first of `job.failed`.
void show(Output& out, const JobInfo& job, const std::vector<JobFailure>& failures);

template <>
List<JobInfo>::List(Output& out);
template <>
void List<JobInfo>::add(const JobInfo& job);
template <>
void List<JobInfo>::finish();

}  // namespace keydeck::cli
