// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <glib-object.h>

#include <memory>

namespace steploom {

/// Ownership of one reference to a GObject (Pango, librsvg).
struct ObjectUnref {
    void operator()(gpointer object) const noexcept { g_object_unref(object); }
};
template <class Type>
using ObjectPtr = std::unique_ptr<Type, ObjectUnref>;

} // namespace steploom
