package org.whylm.report;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import org.knowm.xchart.internal.chartpart.Annotation;

/**
 * Text at a place of a chart, with subscripts, on white. Of XChart's own annotations each is centred by what its letters happen to
 * cover: {@code movies} and {@code products} would stand on different lines.
 */
final class Label extends Annotation {

    private static final int AROUND = 3;

    private final String text;
    private final double x;
    private final double y;

    /** @param x of the middle, in numbers of the chart; {@code y} of the middle of its capitals */
    Label(String text, double x, double y) {
        super(false);
        this.text = text;
        this.x = x;
        this.y = y;
    }

    @Override
    public void paint(Graphics2D g) {
        var layout = ChartStyle.text(text, ChartStyle.TEXT, g.getFontRenderContext());
        double left = chart.getScreenXFromChart(x) - layout.getAdvance() / 2;
        double middle = chart.getScreenYFromChart(y);
        double half = (layout.getAscent() + layout.getDescent()) / 2;
        g.setColor(Color.WHITE);
        g.fill(new Rectangle2D.Double(left - AROUND, middle - half, layout.getAdvance() + 2 * AROUND, 2 * half));
        g.setColor(ChartStyle.INK);
        g.fill(layout.getOutline(AffineTransform.getTranslateInstance(left, middle + ChartStyle.HALF_CAPITAL)));
    }
}
