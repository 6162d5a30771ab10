package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.geom.Rectangle2D;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;

class LegendTest {

    private final XYChart chart = ChartStyle.xy("title", "x", "y");

    private Rectangle2D bounds() {
        Figure.svg(chart); // only then series have their style
        return new Legend<>(chart, Rectangle2D.Double::new).getBounds();
    }

    private void add(String name) {
        chart.addSeries(name, new double[] {0, 1}, new double[] {0, 1});
    }

    @Test
    void aRowThatIsTooLongForTheChartIsContinued() {
        chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
        chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
        add("one");
        double single = bounds().getHeight();
        add("two");
        assertEquals(single, bounds().getHeight());
        for (int i = 0; i < 20; i++) {
            add("a series with a long name, number " + i);
        }
        assertTrue(bounds().getHeight() > 3 * single);
        assertTrue(bounds().getWidth() <= chart.getWidth());
    }

    @Test
    void aSubscriptTakesLessRoomThanTheLetterItself() {
        add("Φp_f");
        double subscript = bounds().getWidth();
        chart.removeSeries("Φp_f");
        add("Φpf");
        assertTrue(subscript < bounds().getWidth());
    }

    @Test
    void whatIsNotInTheLegendTakesNoRoom() {
        add("one");
        chart.getSeriesMap().get("one").setShowInLegend(false);
        assertEquals(0, bounds().getWidth());
    }
}
