// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/demo_pools.h"

#include <QCoreApplication>
#include <QDir>

#include <algorithm>

namespace steploom {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("DemoPools", text); }

} // namespace

std::vector<DemoPool> demoPools(const QString& folder) {
    const auto member = [&](char letter, const char* name, const char* in) {
        return PoolMemberSpec{
            .letter = letter, .name = name, .path = QDir(folder).filePath(QLatin1String(in)).toStdString()};
    };
    std::vector<DemoPool> pools{
        {.key = "masked-diffusion",
         .name = tr("Masked diffusion (heavy, light)"),
         .remark = tr("Two MDLM models: a step reveals some of the masked tokens, wherever they are"),
         .members = {member('H', "heavy", "heavy"), member('L', "light", "light")}},
        {.key = "calm",
         .name = tr("CALM (full, small)"),
         .remark = tr("Two CALM models with one autoencoder: a step writes a vector, which is 4 tokens"),
         .members = {member('H', "full", "calm-full"), member('L', "small", "calm-small")}},
        {.key = "autoregressive",
         .name = tr("Autoregressive (reader)"),
         .remark = tr("The causal model that judges texts, writing one: a step is a token"),
         .members = {member('H', "reader", "reader")}}};
    std::erase_if(pools, [](const DemoPool& pool) {
        return !std::ranges::all_of(pool.members, [](const PoolMemberSpec& each) {
            return QDir(QString::fromStdString(each.path)).exists(QStringLiteral("config.json"));
        });
    });
    return pools;
}

} // namespace steploom
