package org.whylm.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.awt.font.TextAttribute;
import java.awt.font.TextLayout;
import java.text.AttributedString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The one look of all charts. */
public final class ChartStyle {

    /** Colours that readers with any colour vision tell apart (M. Okabe and K. Ito, 2008), without the yellow, which is pale on white. */
    public static final List<Color> COLORS = List.of(
            new Color(0x0072b2),
            new Color(0xd55e00),
            new Color(0x009e73),
            new Color(0xcc79a7),
            new Color(0xe69f00),
            new Color(0x56b4e9),
            new Color(0x000000));

    /** Of lines that a reader compares with: chance, a threshold, a diagonal. */
    public static final Color REFERENCE = new Color(0x6b6b6b);

    static final Color INK = new Color(0x222222);
    static final Color GRID = new Color(0xe3e3e3);
    static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);

    /** Pixels from the middle of a capital letter of {@link #TEXT} to its foot. */
    static final double HALF_CAPITAL = 4.7;

    private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 15);
    private static final BasicStroke DASHED =
            new BasicStroke(1.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1, new float[] {6, 4}, 0);
    private static final Pattern SUBSCRIPT = Pattern.compile("_([A-Za-zΑ-ω0-9])(?![A-Za-zΑ-ω0-9])");
    private static final int WIDTH = 920;
    private static final int HEIGHT = 460;

    /** With our legend in place of XChart's. */
    private static final class XY extends XYChart {
        XY(int height) {
            super(WIDTH, height, ChartTheme.XChart);
            legend = new Legend<>(this, () -> plot.getBounds());
        }
    }

    /** The same of numbers by category. */
    private static final class Categories extends CategoryChart {
        Categories() {
            super(WIDTH, HEIGHT, ChartTheme.XChart);
            legend = new Legend<>(this, () -> plot.getBounds());
        }
    }

    private ChartStyle() {}

    /** An empty chart of numbers against numbers; ticks are plain numbers, or powers of ten where they are very large or small. */
    public static XYChart xy(String title, String x, String y) {
        return xy(title, x, y, HEIGHT);
    }

    static XYChart xy(String title, String x, String y, int height) {
        var chart = new XY(height);
        chart.setTitle(title);
        chart.setXAxisTitle(x);
        chart.setYAxisTitle(y);
        apply(chart.getStyler());
        return chart;
    }

    /** An empty chart of numbers by category. */
    public static CategoryChart categories(String title, String y) {
        var chart = new Categories();
        chart.setTitle(title);
        chart.setYAxisTitle(y);
        apply(chart.getStyler());
        chart.getStyler().setxAxisTickLabelsFormattingFunction(null); // categories are names, not numbers
        chart.getStyler().setPlotGridVerticalLinesVisible(false);
        chart.getStyler().setAvailableSpaceFill(0.8);
        return chart;
    }

    private static void apply(AxesChartStyler style) {
        style.setChartBackgroundColor(Color.WHITE);
        style.setPlotBackgroundColor(Color.WHITE);
        style.setPlotBorderVisible(false);
        style.setPlotGridLinesColor(GRID);
        style.setPlotGridLinesStroke(new BasicStroke(1));
        style.setChartFontColor(INK);
        style.setChartTitleFont(TITLE);
        style.setAxisTitleFont(TEXT);
        style.setAxisTickLabelsFont(TEXT);
        style.setLegendFont(TEXT);
        style.setLegendPosition(LegendPosition.OutsideE);
        style.setAnnotationTextFont(TEXT);
        style.setErrorBarsColor(INK);
        style.setMarkerSize(8);
        style.setSeriesColors(COLORS.toArray(Color[]::new));
        style.setxAxisTickLabelsFormattingFunction(ChartStyle::tick);
        style.setyAxisTickLabelsFormattingFunction(ChartStyle::tick);
    }

    /** An empty chart for points, logarithmic on both axes. */
    static XYChart logarithmic(String title, String x, String y, String patternX, String patternY) {
        var chart = xy(title, x, y);
        logarithmicX(chart.getStyler(), patternX);
        chart.getStyler().setyAxisTickLabelsFormattingFunction(null);
        chart.getStyler().setYAxisDecimalPattern(patternY);
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
        return chart;
    }

    /** Makes the axis of x logarithmic. A pattern formats its ticks: those that a function formats, XChart puts where a linear axis has them. */
    public static void logarithmicX(AxesChartStyler style, String pattern) {
        style.setxAxisTickLabelsFormattingFunction(null);
        style.setXAxisDecimalPattern(pattern);
        style.setXAxisLogarithmic(true);
    }

    /** A number as a tick: as it is, or {@code 1e-5}. */
    static String tick(double value) {
        double size = Math.abs(value);
        if (size != 0 && (size < 1e-3 || size >= 1e5)) {
            return String.format(Locale.ROOT, "%.0e", value)
                    .replaceAll("e([+-])0?", "e$1")
                    .replace("e+", "e");
        }
        var text = String.format(Locale.ROOT, "%.3f", value);
        return text.replaceAll("\\.?0+$", "").replaceAll("^-0$", "0");
    }

    /** A line through points, without marks. */
    static XYSeries curve(XYChart chart, String name, double[] x, double[] y, Color color, BasicStroke stroke) {
        var line = chart.addSeries(name, x, y);
        line.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Line);
        line.setLineColor(color);
        line.setLineStyle(stroke);
        line.setMarker(SeriesMarkers.NONE);
        return line;
    }

    /** Points, without a line. */
    static XYSeries points(XYChart chart, String name, double[] x, double[] y, Color color, Marker marker) {
        var points = chart.addSeries(name, x, y);
        points.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
        points.setMarker(marker);
        points.setMarkerColor(color);
        return points;
    }

    /** A reference line through points, dashed and grey, in the legend under its name. */
    public static XYSeries line(XYChart chart, String name, double[] x, double[] y) {
        return curve(chart, name, x, y, REFERENCE, DASHED);
    }

    /** A reference line at one height. */
    static XYSeries level(XYChart chart, String name, double from, double to, double y) {
        return line(chart, name, new double[] {from, to}, new double[] {y, y});
    }

    /** The interval {@code low} to {@code high} at {@code x}, not in the legend. Unlike an error bar it need not be symmetric. */
    public static void interval(XYChart chart, double x, double low, double high, Color color) {
        var name = "interval " + chart.getSeriesMap().size();
        curve(chart, name, new double[] {x, x}, new double[] {low, high}, color, new BasicStroke(1.6f))
                .setShowInLegend(false);
    }

    /** Text in which {@code p_f} is a p with the subscript f. */
    static TextLayout text(String text, Font font, FontRenderContext context) {
        var matcher = SUBSCRIPT.matcher(text);
        var plain = new StringBuilder();
        var subscripts = new ArrayList<Integer>();
        while (matcher.find()) {
            matcher.appendReplacement(plain, "$1");
            subscripts.add(plain.length() - 1);
        }
        matcher.appendTail(plain);
        var attributed = new AttributedString(plain.toString());
        attributed.addAttribute(TextAttribute.FONT, font);
        for (int at : subscripts) {
            var small = font.deriveFont(Map.of(TextAttribute.SUPERSCRIPT, TextAttribute.SUPERSCRIPT_SUB));
            attributed.addAttribute(TextAttribute.FONT, small, at, at + 1);
        }
        return new TextLayout(attributed.getIterator(), context);
    }
}
