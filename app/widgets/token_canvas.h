// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/canvas_layout.h"
#include "app/widgets/shaped_texts.h"
#include "app/widgets/step_words.h"
#include "app/widgets/token_colors.h"
#include "engine/sampling/trace.h"

#include <QAbstractScrollArea>
#include <QTimer>

#include <climits>
#include <memory>
#include <span>
#include <vector>

namespace steploom {

class Tokenizer;

/// A pool member as the canvas names it; the index decides its colour.
struct CanvasMember {
    char letter = 'H';
    QString name;
};

/// A sample's text as it stands after a step: tokens as tinted boxes, masked positions as quiet blocks. Given
/// tokens are plain, those written by hand have a dotted line under them. Members after the first carry an
/// underline beside their colour.
class TokenCanvas : public QAbstractScrollArea {
    Q_OBJECT
public:
    static constexpr int kLastStep = INT_MAX; ///< everything that is known

    explicit TokenCanvas(QWidget* parent = nullptr);

    void setTokenizer(std::shared_ptr<const Tokenizer> tokenizer);
    void setMembers(std::vector<CanvasMember> members);
    /// `steps`: T of the schedule, the end of the scale when coloured by step. Keeps the shown step.
    void setSample(const SampleTrace& sample, std::int32_t maskToken, int steps);
    /// What a step is called and how many tokens it writes: vectors' chunks are drawn as groups.
    void setWords(const StepWords& words);
    void clear();
    const SampleTrace& sample() const noexcept { return m_whole; }

    /// Shows the text as it was after this step; −1: before the first.
    void setStep(int step);
    int step() const noexcept { return m_step; }
    bool isMasked(int position) const;
    int maskedCount() const;

    void setColoring(TokenColoring coloring);
    TokenColoring coloring() const noexcept { return m_coloring; }
    /// Upper end of the colour scale: T, probability 1, or the sample's largest entropy in nats.
    double scaleEnd() const;

    /// Upper end of the entropy scale where several canvases are to have the same; 0: the sample's largest.
    void setEntropyScale(double nats);
    double largestEntropy() const noexcept { return m_largestEntropy; }

    /// Outlines every token revealed at a step; −1: none.
    void markStep(int step);
    int markedStep() const noexcept { return m_marked; }
    /// Frames these positions, while the token that the sample ends with stands there: where texts differ.
    /// Empty: none. The frames belong to the sample; another one has none.
    void setFrames(std::vector<bool> framed);
    const std::vector<bool>& frames() const noexcept { return m_framed; }
    /// Height of the letters, px.
    void setTextPixels(int pixels);

    /// A click selects the token under it, Shift+click up to it, instead of marking its step: for editing.
    void setPicking(bool picking);
    void select(int first, int last);
    /// Selected positions; nothing selected: first > last.
    struct Selection {
        int first = 0;
        int last = -1;
        int count() const noexcept { return last - first + 1; }
    };
    Selection selection() const noexcept;

    void selectAll();
    void clearSelection();
    /// The selected tokens, or all of them, as text. Masked positions are written as holes of a template,
    /// "[mask:3]".
    QString copiedText() const;
    QString tooltipOf(int position) const;
    /// The whole text at this width, not only what the viewport shows.
    QImage picture(double devicePixelRatio) const;
    int shapedTexts() const noexcept { return m_texts->misses(); }
    const CanvasLayout& layoutOfTokens() const noexcept { return m_layout; }
    /// Centre of a token in viewport coordinates.
    QPoint pointOf(int position) const;

    QSize sizeHint() const override { return {640, 240}; }
    QSize minimumSizeHint() const override { return {160, 80}; }

signals:
    /// A token was clicked: the step that revealed it.
    void stepPicked(int step);
    /// Another step is marked, or none (−1).
    void markChanged(int step);
    void selectionChanged();

protected:
    bool viewportEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void showStep();
    void restyle();
    void relayout();
    void copy() const;
    QString textOf(int first, int last) const;
    QColor tintOf(int position) const;
    void paintBox(QPainter& painter, const CanvasLayout::Box& box) const;
    void paintTints(QPainter& painter, const CanvasLayout::Box& box) const;
    void paintMarks(QPainter& painter, const CanvasLayout::Box& box) const;
    void paintFrames(QPainter& painter, const CanvasLayout::Box& box) const;
    double entropyEnd() const noexcept { return m_entropyScale > 0 ? m_entropyScale : m_largestEntropy; }
    void setSelection(int anchor, int head);
    QStringList likeliestLines(std::size_t position) const;
    QStringList chunkLines(std::size_t chunk) const;
    QString chunkText(std::span<const std::int32_t> tokens) const;
    void paintChunks(QPainter& painter, std::span<const CanvasLayout::Box> boxes) const;
    QPointF toContent(QPoint viewportPoint) const;
    bool isSelected(int position) const;

    std::shared_ptr<const Tokenizer> m_tokenizer;
    std::vector<CanvasMember> m_members;
    SampleTrace m_whole; ///< as given
    SampleTrace
        m_sample; ///< with the tokens that stood after the shown step, where they were masked again since
    std::int32_t m_maskToken = 0;
    int m_steps = 0;
    StepWords m_words;
    int m_step = kLastStep;
    int m_marked = -1;
    TokenColoring m_coloring = TokenColoring::Model;
    double m_largestEntropy = 0;
    double m_entropyScale = 0; ///< 0: m_largestEntropy
    std::vector<bool> m_framed;
    int m_textPixels = 16; ///< text is read here, not scanned: larger than the window's 13
    CanvasLayout m_layout;
    std::shared_ptr<ShapedTexts> m_texts; ///< shared with the layout, which measures with it
    QTimer m_description; ///< assistive technology is told when the text has come to rest, not at every step
    bool m_picking = false;
    int m_anchor = -1; ///< where a dragged selection began
    int m_head = -1;   ///< where it has come to
    QPoint m_pressed;
    bool m_dragging = false;
};

} // namespace steploom
