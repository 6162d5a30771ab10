package org.whylm.report;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.internal.chartpart.Chart;
import org.whylm.run.AtomicFile;
import org.whylm.run.IoFailure;
import org.whylm.run.Provenance;
import org.whylm.run.Workspace;

/**
 * A chart under the name of its files.
 *
 * @param name of the files, without extension: lower-case letters, digits and hyphens
 */
public record Figure(String name, Chart<?, ?> chart) {

    /** Pixels of the bitmap to one of the chart, for sharp lines on dense screens. */
    private static final int DENSITY = 2;

    private static final Pattern CLIP = Pattern.compile("clip[0-9]+");
    private static final Pattern LONG_NUMBER = Pattern.compile("-?[0-9]+\\.[0-9]{2,}");

    /** @throws IllegalArgumentException if the name is not of that form */
    public Figure {
        ResultTable.requireName(name);
    }

    /** Writes {@code build/figures/PROFILE/NAME.svg} and {@code NAME.png}, with their provenance beside them. */
    Path write(Provenance provenance, Workspace workspace) {
        var folder = workspace.results("figures", provenance.profile());
        var svg = folder.resolve(name + ".svg");
        AtomicFile.write(svg, svg(chart));
        AtomicFile.write(folder.resolve(name + ".png"), png(chart));
        provenance.write(svg);
        return svg;
    }

    /**
     * A chart as an SVG element that has the chart's title for screen readers, and is as narrow as what it stands in. The same chart
     * gives the same text: the encoder's random identifiers are numbered, and its coordinates are rounded to hundredths of a pixel.
     */
    public static String svg(Chart<?, ?> chart) {
        var out = new ByteArrayOutputStream();
        IoFailure.unless("Cannot draw a chart", () -> {
            VectorGraphicsEncoder.saveVectorGraphic(chart, out, VectorGraphicsFormat.SVG);
            return out;
        });
        var encoded = out.toString(StandardCharsets.UTF_8);
        var element = encoded.substring(encoded.indexOf("<svg"));
        var numbers = new HashMap<String, String>();
        var numbered = CLIP.matcher(element)
                .replaceAll(id -> numbers.computeIfAbsent(id.group(), any -> "clip" + (numbers.size() + 1)));
        var rounded = LONG_NUMBER.matcher(numbered).replaceAll(number -> new BigDecimal(number.group())
                .setScale(2, RoundingMode.HALF_UP)
                .stripTrailingZeros()
                .toPlainString());
        var title = Html.text(String.valueOf(chart.getTitle()));
        return rounded.replaceFirst(
                ">",
                Matcher.quoteReplacement(" style=\"max-width: 100%; height: auto\" role=\"img\" aria-label=\"" + title
                        + "\">\n  <title>" + title + "</title>"));
    }

    /** A chart as a PNG file of twice its width and height, on white where the chart is transparent. */
    public static byte[] png(Chart<?, ?> chart) {
        var image =
                new BufferedImage(DENSITY * chart.getWidth(), DENSITY * chart.getHeight(), BufferedImage.TYPE_INT_RGB);
        var graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        graphics.scale(DENSITY, DENSITY);
        chart.paint(graphics, chart.getWidth(), chart.getHeight());
        graphics.dispose();
        var out = new ByteArrayOutputStream();
        IoFailure.unless("Cannot draw a chart", () -> ImageIO.write(image, "png", out));
        return out.toByteArray();
    }

    @Override
    public String toString() {
        return "Figure " + name + ": " + chart.getTitle();
    }
}
