// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/order_fields.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>
#include <QVBoxLayout>

#include <memory>

using namespace steploom;

class OrderFieldsTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<QWidget> m_window;
    OrderFields* m_fields = nullptr;

    template <class Widget>
    Widget* find(const char* name) {
        return m_window->findChild<Widget*>(QLatin1String(name));
    }
    QStringList visible() {
        QStringList names;
        for (const char* name : {"thresholdField", "blockLengthField", "remaskField", "etaField",
                                 "loopOnField", "loopOffField", "alphaOnField"})
            if (find<QWidget>(name)->isVisibleTo(m_window.get()))
                names += QString::fromLatin1(name).chopped(5);
        return names;
    }
    void choose(const char* field, const char* text) {
        find<QComboBox>(field)->setCurrentText(QLatin1String(text));
    }
    GenerationRequest written() const {
        GenerationRequest request;
        m_fields->writeTo(request);
        return request;
    }

private slots:
    void init() {
        m_window = std::make_unique<QWidget>();
        auto* column = new QVBoxLayout(m_window.get());
        m_fields = new OrderFields(150);
        column->addWidget(m_fields);
        m_window->show();
    }

    void everySamplerIsOfferedWithItsPaperAndAncestralIsTheDefault() {
        auto* sampler = find<QComboBox>("samplerField");
        QCOMPARE(sampler->count(), static_cast<int>(allSamplers().size()));
        for (int i = 0; i < sampler->count(); ++i)
            QVERIFY(sampler->itemData(i, Qt::ToolTipRole).toString().contains("arXiv"));
        QCOMPARE(sampler->currentText(), "ancestral");
        QVERIFY(written() == GenerationRequest());
    }

    void fieldsShowOnlyWhereTheyApply() {
        QCOMPARE(visible(), (QStringList{"blockLength", "remask"}));
        choose("samplerField", "threshold");
        QCOMPARE(visible(), (QStringList{"threshold", "blockLength"}));
        choose("samplerField", "first-hitting");
        QCOMPARE(visible(), QStringList());
        choose("samplerField", "ancestral");
        choose("remaskField", "cap");
        QCOMPARE(visible(), (QStringList{"remask", "eta"}));
        choose("remaskField", "loop");
        QCOMPARE(visible(), (QStringList{"remask", "eta", "loopOn", "loopOff", "alphaOn"}));
        choose("remaskField", "none");
        find<QSpinBox>("blockLengthField")->setValue(8);
        QCOMPARE(visible(), QStringList("blockLength"));
    }

    void aChosenRemaskingBringsItsPublishedEta() {
        choose("remaskField", "cap");
        QCOMPARE(find<QDoubleSpinBox>("etaField")->value(), 0.008);
        choose("remaskField", "confidence");
        QCOMPARE(written().remasking.eta, 1.0);
    }

    void whatDoesNotApplyIsNotWritten() {
        find<QSpinBox>("blockLengthField")->setValue(8);
        choose("samplerField", "first-hitting");
        QCOMPARE(written().blockLength, 0);
        GenerationRequest request = written();
        request.schedule = parseSchedule("H4");
        requireRunnable(request);
        choose("samplerField", "margin");
        QCOMPARE(written().blockLength, 8);
    }

    void aRequestComesBack() {
        GenerationRequest request;
        request.remasking = {Remask::Loop, 0.1, 0.8, 0.2, 0.7};
        QSignalSpy changed(m_fields, &OrderFields::changed);
        m_fields->show(request);
        QVERIFY(written() == request);
        QCOMPARE(OrderFields::summary(request), "ancestral, remasking: loop");
        request = {};
        request.sampler = Sampler::Threshold;
        request.threshold = 0.725;
        request.blockLength = 32;
        m_fields->show(request);
        QVERIFY(written() == request);
        QCOMPARE(OrderFields::summary(request), "threshold τ 0.725, blocks of 32");
        QCOMPARE(changed.count(), 0); // the program's own doing
        choose("samplerField", "entropy");
        QCOMPARE(changed.count(), 1);
    }
};

QTEST_MAIN(OrderFieldsTest)
#include "order_fields_test.moc"
