// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractScrollArea>
#include <QImage>

#include <map>
#include <vector>

namespace steploom {

/// Pages of paper beneath each other, drawn by somebody else: it asks for those that are seen, in the size in
/// which they are seen, and shows blank or older ones until they come.
class PagePreview : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit PagePreview(QWidget* parent = nullptr);

    /// A new document; `size` of a page in points. Place and zoom stay, and the old pages until the new ones
    /// are there.
    void setPages(int count, QSizeF size);
    int pageCount() const noexcept { return m_count; }
    void setImage(int page, const QImage& image);
    /// Whether every page that is seen is drawn in its present size.
    bool isComplete() const;

    /// From 0: the one that fills most of the view; −1 when there is none.
    int currentPage() const;
    void showPage(int page);

    /// 1: as large as on paper, at 96 px an inch; 0: as wide as the view.
    double zoom() const noexcept { return m_zoom; }
    void setZoom(double zoom);
    /// What that comes to.
    double shownZoom() const;
    void zoomIn();
    void zoomOut();

signals:
    /// `scale`: device pixels a point.
    void pagesWanted(const std::vector<int>& pages, double scale);
    /// Page, count or zoom.
    void viewChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    struct Drawn {
        QImage image;
        double scale = 0;
        bool stale = true; ///< of an earlier document
    };
    QSizeF pagePixels() const; ///< of one page, logical px
    double deviceScale() const;
    QRectF pageRect(int page) const; ///< in the viewport
    std::vector<int> seenPages() const;
    void relayout();
    void forgetFarPages();
    void ask();

    int m_count = 0;
    QSizeF m_size{595, 842};
    double m_zoom = 0;
    std::map<int, Drawn> m_drawn;
    std::vector<int> m_asked; ///< pages not drawn yet
    double m_askedScale = 0;
};

} // namespace steploom
