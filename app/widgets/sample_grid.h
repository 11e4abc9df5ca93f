// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <QAbstractListModel>
#include <QListView>

#include <map>
#include <vector>

namespace steploom {

/// The finished samples of a run with their scores, in the order that is asked for.
class SampleListModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role {
        IndexRole = Qt::UserRole, ///< of the sample, from 0
        TextRole,                 ///< the whole text
        PerplexityRole,           ///< NaN where it was not scored
        EntropyRole,              ///< unigram, nats
    };
    enum class Order { Index, Perplexity };

    explicit SampleListModel(QObject* parent = nullptr) : QAbstractListModel(parent) {}

    void setSamples(const std::map<int, RunSample>& samples);
    /// Adds it, or gives the sample of that index another text or score.
    void add(const RunSample& sample);
    /// Samples without a perplexity come last, by index.
    void setOrder(Order order);
    Order order() const noexcept { return m_order; }
    QModelIndex indexOfSample(int sample) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;

private:
    struct Row {
        int sample = 0;
        QString text;
        double perplexity = 0;
        double entropy = 0;
    };
    static Row rowOf(const RunSample& sample);
    bool before(const Row& a, const Row& b) const;

    std::vector<Row> m_rows; ///< in m_order
    Order m_order = Order::Index;
};

/// Many samples at a glance: cards of small text with their scores. Arrow keys go from one to the next,
/// Return or a double click opens one.
class SampleGrid : public QListView {
    Q_OBJECT
public:
    explicit SampleGrid(QWidget* parent = nullptr);
    SampleListModel& samples() noexcept { return *m_model; }
    void showSample(int sample);

signals:
    /// The current card is another one.
    void sampleChosen(int sample);
    void sampleOpened(int sample);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

private:
    SampleListModel* m_model;
};

} // namespace steploom
