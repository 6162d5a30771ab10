package org.whylm.report;

import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.awt.font.TextLayout;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.internal.chartpart.Legend_Marker;
import org.knowm.xchart.internal.chartpart.RenderableSeries.LegendRenderType;
import org.knowm.xchart.internal.series.MarkerSeries;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.lines.SeriesLines;

/**
 * A legend beside a chart or below it. Other than in XChart's own, names have subscripts, stand on one line with each other and
 * with the middle of their marks, and a row that is too long for the chart is continued in the next.
 */
final class Legend<ST extends AxesChartStyler, S extends MarkerSeries> extends Legend_Marker<ST, S> {

    private static final int ROW = 23;
    private static final int LINE = 28;
    private static final int BOX = 14;
    private static final int TO_NAME = 10;
    private static final int TO_NEXT = 24;
    private static final int MARGIN = 10;
    private static final FontRenderContext SMOOTH = new FontRenderContext(null, true, true);

    private final Chart<ST, S> chart;
    private final Supplier<Rectangle2D> plot;

    /** A series with its name, and how wide its mark and it are together. */
    private record Entry<S>(S series, TextLayout name, int mark, double width) {}

    /** @param plot where the chart is drawn, known when it has been */
    Legend(Chart<ST, S> chart, Supplier<Rectangle2D> plot) {
        super(chart);
        this.chart = chart;
        this.plot = plot;
    }

    private List<List<Entry<S>>> rows() {
        var rows = new ArrayList<List<Entry<S>>>();
        if (!chart.getStyler().isLegendVisible()) {
            return rows;
        }
        boolean across = chart.getStyler().getLegendLayout() == LegendLayout.Horizontal;
        double free = 0;
        for (var series : chart.getSeriesMap().values()) {
            if (series.isShowInLegend() && series.isEnabled()) {
                var name = ChartStyle.text(series.getLabel(), chart.getStyler().getLegendFont(), SMOOTH);
                int mark = across && series.getLegendRenderType() != LegendRenderType.Line ? BOX : LINE;
                var entry = new Entry<>(series, name, mark, mark + TO_NAME + name.getAdvance());
                if (!across || free < entry.width()) {
                    rows.add(new ArrayList<>());
                    free = chart.getWidth() - 2 * MARGIN;
                }
                rows.get(rows.size() - 1).add(entry);
                free -= entry.width() + TO_NEXT;
            }
        }
        return rows;
    }

    private static <S> double width(List<Entry<S>> row) {
        return row.stream().mapToDouble(Entry::width).sum() + TO_NEXT * (row.size() - 1);
    }

    /** How much room the chart must leave: only width and height are known before it is drawn. */
    @Override
    public Rectangle2D getBounds() {
        var rows = rows();
        double widest = rows.stream().mapToDouble(Legend::width).max().orElse(0);
        return rows.isEmpty()
                ? new Rectangle2D.Double()
                : new Rectangle2D.Double(0, 0, widest + MARGIN, ROW * rows.size() + MARGIN);
    }

    @Override
    public void paint(Graphics2D g) {
        var rows = rows();
        double widest = rows.stream().mapToDouble(Legend::width).max().orElse(0);
        boolean below = chart.getStyler().getLegendPosition() == LegendPosition.OutsideS;
        double left = below
                ? Math.max(
                        MARGIN,
                        Math.min(chart.getWidth() - MARGIN - widest, plot.get().getCenterX() - widest / 2))
                : chart.getWidth() - MARGIN - widest;
        double height = ROW * rows.size();
        double y = (below ? chart.getHeight() - MARGIN - height : plot.get().getCenterY() - height / 2) + ROW / 2.0;
        for (var row : rows) {
            double x = left;
            for (var entry : row) {
                paint(g, entry, x, y);
                x += entry.width() + TO_NEXT;
            }
            y += ROW;
        }
    }

    /** @param y of the middle */
    private void paint(Graphics2D g, Entry<S> entry, double x, double y) {
        var series = entry.series();
        var type = series.getLegendRenderType();
        double middle = x + entry.mark() / 2.0;
        if (type == LegendRenderType.Line && series.getLineStyle() != SeriesLines.NONE) {
            g.setColor(series.getLineColor());
            g.setStroke(series.getLineStyle());
            g.draw(new Line2D.Double(x, y, x + entry.mark(), y));
        }
        if (type != LegendRenderType.Line && type != LegendRenderType.Scatter) {
            g.setColor(series.getFillColor());
            g.fill(new Rectangle2D.Double(middle - BOX / 2.0, y - BOX / 2.0, BOX, BOX));
        } else if (series.getMarker() != null) {
            g.setColor(series.getMarkerColor());
            series.getMarker().paint(g, middle, y, chart.getStyler().getMarkerSize());
        }
        g.setColor(chart.getStyler().getChartFontColor());
        var place = AffineTransform.getTranslateInstance(x + entry.mark() + TO_NAME, y + ChartStyle.HALF_CAPITAL);
        g.fill(entry.name().getOutline(place));
    }
}
