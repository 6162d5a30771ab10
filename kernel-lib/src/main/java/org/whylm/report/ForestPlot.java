package org.whylm.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Annotation;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.whylm.statistics.Statistic;

/**
 * Numbers with their intervals, a line each: rows in groups, one under the other, so that what is compared is adjacent.
 *
 * @param title of the chart
 * @param axis what the numbers are
 * @param rows from top to bottom
 * @param low left end of the axis
 * @param high right end; an interval that reaches beyond is cut there and ends in an arrow, a triangle points to a number that is
 */
record ForestPlot(String title, String axis, List<Row> rows, double low, double high) {

    private static final int ROW = 19;
    private static final int FRAME = 130;

    /** Pixels; in less, XChart has no room for an axis. */
    private static final int LEAST = 260;

    private static final int HEADING = 105;
    private static final double CONTENT = 0.97;
    private static final Color INVISIBLE = new Color(0, 0, 0, 0);

    /**
     * One line.
     *
     * @param group what it belongs to; a heading where it differs from that of the line before
     * @param label what the numbers are of
     * @param marks one below the other
     * @param reference what they are compared with; NaN for nothing
     */
    record Row(String group, String label, List<Mark> marks, double reference) {}

    /** A number with its interval, by the name of its series, in the colour of that; where there is another, in that. */
    record Mark(String series, double value, double low, double high, Optional<Color> color) {

        Mark(String series, double value, double low, double high) {
            this(series, value, low, high, Optional.empty());
        }

        /** Shares in percent. */
        static Mark percent(String series, Statistic share) {
            return new Mark(series, 100 * share.value(), 100 * share.low(), 100 * share.high());
        }

        static Mark percent(String series, Statistic share, Color color) {
            return new Mark(series, 100 * share.value(), 100 * share.low(), 100 * share.high(), Optional.of(color));
        }
    }

    /** A heading, or a row under it. */
    private record Line(String heading, Row row) {
        String text() {
            return row == null ? heading : row.label();
        }
    }

    XYChart chart() {
        var lines = lines();
        var chart = ChartStyle.xy(title, axis, "", Math.max(LEAST, FRAME + ROW * lines.size()));
        var style = chart.getStyler();
        style.setYAxisMin(0.5 - lines.size());
        style.setYAxisMax(0.5);
        style.setXAxisMin(low);
        style.setXAxisMax(high);
        style.setPlotGridHorizontalLinesVisible(false);
        style.setLegendPosition(LegendPosition.OutsideS);
        style.setLegendLayout(LegendLayout.Horizontal);
        style.setPlotContentSize(CONTENT);
        // The ticks only keep the place where the labels are drawn, which have subscripts; headings, beside which
        // no mark is, may reach into the plot.
        var longest = rows.stream()
                .map(Row::label)
                .max(Comparator.comparingInt(String::length))
                .orElse("");
        style.setyAxisTickLabelsFormattingFunction(y -> longest + "   " + ChartStyle.tick(y));
        style.setYAxisTickLabelsColor(INVISIBLE);
        style.setYAxisTickMarksColor(INVISIBLE);
        var series = series();
        style.setLegendVisible(series.size() > 1);
        series.forEach((name, color) -> {
            // Of these only the legend is seen: what they mark is drawn below, with its interval.
            // Equally spaced numbers would get ticks of their own, and no others.
            var x = new double[] {low, low + (high - low) / 3, high};
            var points = chart.addSeries(name, x, new double[] {lines.size(), lines.size(), lines.size()});
            points.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
            points.setMarker(SeriesMarkers.CIRCLE);
            points.setMarkerColor(color);
        });
        chart.addAnnotation(new Drawing(lines, series));
        return chart;
    }

    private List<Line> lines() {
        var lines = Stream.<Line>builder();
        var group = "";
        for (var row : rows) {
            if (!row.group().equals(group)) {
                group = row.group();
                wrapped(group).forEach(heading -> lines.add(new Line(heading, null)));
            }
            lines.add(new Line(null, row));
        }
        return lines.build().toList();
    }

    /** A heading in lines that fit into the width. */
    private static List<String> wrapped(String heading) {
        var lines = new ArrayList<String>();
        var line = new StringBuilder();
        for (var word : heading.split(" ")) {
            if (line.length() > 0 && line.length() + word.length() >= HEADING) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    private Map<String, Color> series() {
        var colors = new LinkedHashMap<String, Color>();
        for (var row : rows) {
            for (var mark : row.marks()) {
                colors.computeIfAbsent(mark.series(), any -> mark.color().orElse(ChartStyle.COLORS.get(colors.size())));
            }
        }
        return colors;
    }

    /** Labels, references, intervals and marks. */
    private final class Drawing extends Annotation {

        private static final int MARK = 8;
        private static final int OFFSET = 5;
        private static final int ARROW = 6;

        private final List<Line> lines;
        private final Map<String, Color> series;

        Drawing(List<Line> lines, Map<String, Color> series) {
            super(false);
            this.lines = lines;
            this.series = series;
        }

        @Override
        public void paint(Graphics2D g) {
            for (int i = 0; i < lines.size(); i++) {
                double y = chart.getScreenYFromChart(-i);
                var line = lines.get(i);
                var font = line.row() == null ? ChartStyle.TEXT.deriveFont(Font.BOLD) : ChartStyle.TEXT;
                g.setColor(ChartStyle.INK);
                // Filled: drawn, the letters of a vector graphic would get the stroke of the intervals as their
                // outline.
                var place = AffineTransform.getTranslateInstance(line.row() == null ? 12 : 26, y + 5);
                g.fill(ChartStyle.text(line.text(), font, g.getFontRenderContext())
                        .getOutline(place));
                if (line.row() != null) {
                    paint(g, line.row(), y);
                }
            }
        }

        private void paint(Graphics2D g, Row row, double y) {
            if (!Double.isNaN(row.reference())) {
                double x = chart.getScreenXFromChart(row.reference());
                g.setColor(ChartStyle.REFERENCE);
                g.setStroke(new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER));
                g.draw(new Line2D.Double(x, y - ROW / 2.0, x, y + ROW / 2.0));
            }
            int n = row.marks().size();
            int place = 0;
            double offset = Math.min(OFFSET, (ROW - MARK) / Math.max(1.0, n - 1));
            for (var mark : row.marks()) {
                double at = y + offset * (place++ - (n - 1) / 2.0);
                g.setColor(series.get(mark.series()));
                g.setStroke(new BasicStroke(1.6f));
                g.draw(new Line2D.Double(x(mark.low()), at, x(mark.high()), at));
                if (mark.low() < low && mark.value() >= low) {
                    g.draw(arrow(x(low), at, -ARROW, ARROW));
                }
                if (mark.high() > high && mark.value() <= high) {
                    g.draw(arrow(x(high), at, ARROW, ARROW));
                }
                double x = x(mark.value());
                if (mark.value() >= low && mark.value() <= high) {
                    g.fill(new Ellipse2D.Double(x - MARK / 2.0, at - MARK / 2.0, MARK, MARK));
                } else {
                    g.fill(arrow(x, at, mark.value() < low ? -MARK : MARK, MARK));
                }
            }
        }

        /** The end of a line that goes on where the axis does not reach; filled, a triangle that points to a number there. */
        private static Path2D arrow(double x, double y, double length, double width) {
            var arrow = new Path2D.Double();
            arrow.moveTo(x - length, y - width / 2);
            arrow.lineTo(x, y);
            arrow.lineTo(x - length, y + width / 2);
            return arrow;
        }

        private double x(double value) {
            return chart.getScreenXFromChart(Math.max(low, Math.min(high, value)));
        }
    }
}
