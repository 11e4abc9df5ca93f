// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/store_error.h"

#include <sqlite3.h>

namespace steploom {

namespace {

struct Reason {
    std::string why;
    std::string remedy;
};

Reason reasonOf(const SQLite::Exception& cause) {
    const std::string said = cause.what();
    switch (cause.getErrorCode() & 0xFF) { // the low byte is the primary code
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return {"another program holds the file locked (" + said + ")",
                "Close the program that uses it, or wait until it is done, and try again"};
    case SQLITE_READONLY:
        return {"the file or its folder is read-only (" + said + ")",
                "Allow writing to both, or choose another file"};
    case SQLITE_CANTOPEN:
        return {"the file cannot be opened or created (" + said + ")",
                "Check that its folder exists and that you may write to it"};
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return {"access is denied (" + said + ")", "Check the permissions of the file"};
    case SQLITE_FULL:
        return {"the disk, or the size allowed to the file, is full (" + said + ")",
                "Free some space; what was stored before is kept"};
    case SQLITE_IOERR:
        return {"the disk reported an error (" + said + ")",
                "Check the disk and its free space; what was stored before is kept"};
    case SQLITE_CORRUPT:
        return {"the file is damaged (" + said + ")",
                "Restore it from a copy, or move it away and start a new one"};
    case SQLITE_NOTADB:
        return {"this is not a run store (" + said + ")", "Choose another file; this one was not touched"};
    default:
        return {said, "Move the file away and start a new one if this happens again"};
    }
}

} // namespace

Error storeError(const std::string& what, const std::filesystem::path& file, const SQLite::Exception& cause) {
    const Reason reason = reasonOf(cause);
    return Error(ErrorKind::Store, {what, file.string(), reason.why, reason.remedy});
}

} // namespace steploom
