package org.whylm.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.whylm.probe.ModelQuality;
import org.whylm.statistics.Statistic;
import org.whylm.theory.UpperCurve;

/** Tables and the figure of pre-training against downstream. */
public final class ModelFamilies {

    private static final int CURVE_POINTS = 200;
    private static final double MARGIN = 1.05;

    /** Of the widest excess. */
    private static final double BESIDE = 0.008;

    private static final List<Marker> MARKERS = List.of(SeriesMarkers.SQUARE, SeriesMarkers.CIRCLE);

    private static final String NEAR_THE_BEST = "better-features-near-the-best";

    private ModelFamilies() {}

    /** Features of a model of a family. */
    private record Row(ModelFamily family, int index, String features) {
        ModelQuality model() {
            return family.models().get(index);
        }

        ModelQuality.Downstream downstream() {
            return model().downstream().get(features);
        }

        UpperCurve curve() {
            return family.curve(features, UpperCurve.Rate.SQUARE_ROOT);
        }

        double distance(UpperCurve.Rate rate) {
            return family.distance(features, rate);
        }

        Statistic overTheWorst(long seed) {
            return family.overTheWorst(features, seed).values().iterator().next();
        }
    }

    private static List<Row> rows(List<ModelFamily> families) {
        return families.stream()
                .flatMap(family -> IntStream.range(0, family.models().size())
                        .boxed()
                        .flatMap(index -> family.features().stream().map(features -> new Row(family, index, features))))
                .toList();
    }

    /** Features of all models of a family. */
    private static List<Row> ofFamilies(List<ModelFamily> families) {
        return rows(families).stream().filter(row -> row.index() == 0).toList();
    }

    /**
     * Every model with the loss in pre-training, {@code ε}, and for each kind of features, in a row of its own, the loss
     * downstream (nats, 95% bootstrap interval over the test examples) and the error in percent.
     *
     * @param name of the table's file
     */
    public static ResultTable table(String name, List<ModelFamily> families, long seed) {
        return Columns.of(rows(families))
                .text("family", row -> row.family().name())
                .text("model", row -> row.model().model())
                .number("pre-training loss", 6, row -> row.family()
                        .objective()
                        .rounded(row.model().pretrainingLoss()))
                .number("ε", 6, row -> row.family()
                        .objective()
                        .rounded(row.family().excess()[row.index()]))
                .text("features", Row::features)
                .statistic("loss", 3, row -> Statistic.mean(row.downstream().losses(), seed))
                .percent("error, %", row -> 1 - row.downstream().accuracy().value())
                .table(name, "Pre-training and downstream");
    }

    /**
     * The order of each family's models and of those {@link ModelFamily#nearTheBest near the best}: the rank correlation of
     * {@code ε} and downstream loss, the share of all orders with one as far from 0 on that side, and by how much the best model's loss is
     * below the worst's, in nats.
     *
     * @param name of the table's file
     */
    public static ResultTable orders(String name, List<ModelFamily> families, long seed) {
        var all = families.stream().flatMap(family -> Stream.concat(Stream.of(family), family.nearTheBest().stream()));
        return Columns.of(ofFamilies(all.toList()))
                .text("family", row -> row.family().name())
                .text("features", Row::features)
                .whole("settings", row -> row.family().count())
                .statistic("rank correlation", 3, row -> row.family().rankCorrelation(row.features(), seed))
                .number("orders as far, %", 2, row -> 100 * row.family().shareOfOrders(row.features(), seed))
                .named("best under worst", 3, row -> row.overTheWorst(seed))
                .table(name, "Order of the models");
    }

    /**
     * The tightest curve {@code a + b·sqrt(ε)} above all models of each family, the range of their losses, and how the curve and the line
     * in {@code ε} do on settings left out of the fit, in nats.
     *
     * @param name of the table's file
     */
    public static ResultTable curves(String name, List<ModelFamily> families) {
        return Columns.of(ofFamilies(families))
                .text("family", row -> row.family().name())
                .text("features", Row::features)
                .number("a", 3, row -> row.curve().a())
                .number("b", 3, row -> row.curve().b())
                .number("range of losses", 3, row -> row.family().range(row.features()))
                .whole("settings left out", row -> row.family().leftOut().size())
                .number("most above", 3, row -> row.family().mostAbove(row.features()))
                .number("distance from curve", 3, row -> row.distance(UpperCurve.Rate.SQUARE_ROOT))
                .number("distance from line", 3, row -> row.distance(UpperCurve.Rate.LINEAR))
                .table(name, "The tightest curves above");
    }

    /**
     * Decides the claims about a family, for each of its kinds of features: the order of all models and of those near the best, that the
     * curve over some settings is above the others, and that it is closer to them than a line. The control of all is that the best
     * model's loss is below the worst's.
     */
    public static void decide(Claims claims, ModelFamily family, long seed) {
        for (var features : family.features()) {
            var subject = family.name() + ", " + features;
            var control = family.overTheWorst(features, seed);
            claims.decide("better-model-better-features", subject, family.rankCorrelation(features, seed), control);
            claims.decide("upper-curve-holds", subject, family.aboveCurve(features, seed), control);
            claims.decide("square-root-beats-line", subject, family.squareRootCloser(features, seed), control);
            family.nearTheBest()
                    .ifPresentOrElse(
                            near -> claims.decide(
                                    NEAR_THE_BEST, subject, near.rankCorrelation(features, seed), control),
                            () -> claims.notTested(
                                    NEAR_THE_BEST, subject, "fewer than five settings are near the best"));
        }
    }

    /**
     * Downstream loss against {@code ε}, bars 95% intervals over the test examples, with the tightest curves {@code a + b·sqrt(ε)} above,
     * and the loss of guessing between two classes.
     */
    public static XYChart chart(ModelFamily family, long seed) {
        var chart = ChartStyle.xy(
                "Downstream loss against ε: " + family.name(),
                "ε, excess in " + family.objective().label() + " over the family's best model",
                "logistic loss on the test sentences, nats");
        var excess = family.excess();
        double widest = MARGIN * excess[excess.length - 1];
        chart.getStyler().setXAxisMin(-(MARGIN - 1) * widest);
        chart.getStyler().setXAxisMax(widest);
        var grid = new double[CURVE_POINTS];
        Arrays.setAll(grid, point -> widest * point * point / (CURVE_POINTS - 1) / (CURVE_POINTS - 1));
        var features = family.features();
        features.forEach(each -> points(chart, family, each, seed));
        features.forEach(each -> curve(chart, family, each, grid));
        ChartStyle.level(chart, "guessing, log 2", -(MARGIN - 1) * widest, widest, Math.log(2));
        return chart;
    }

    private static void points(XYChart chart, ModelFamily family, String features, long seed) {
        int index = family.features().indexOf(features);
        var color = ChartStyle.COLORS.get(index);
        var excess = family.excess();
        // Beside each other, so that no bar hides another.
        double aside = (index - 0.5 * (family.features().size() - 1)) * BESIDE * excess[excess.length - 1];
        for (int model = 0; model < excess.length; model++) {
            excess[model] += aside;
            var losses = family.models().get(model).downstream().get(features).losses();
            var loss = Statistic.mean(losses, seed);
            ChartStyle.interval(chart, excess[model], loss.low(), loss.high(), color);
        }
        ChartStyle.points(chart, features, excess, family.downstreamLoss(features), color, MARKERS.get(index));
    }

    private static void curve(XYChart chart, ModelFamily family, String features, double[] grid) {
        var curve = family.curve(features, UpperCurve.Rate.SQUARE_ROOT);
        var name = String.format(Locale.ROOT, "%s: %.2f + %.2f·sqrt(ε)", features, curve.a(), curve.b());
        var values = Arrays.stream(grid).map(curve::at).toArray();
        var color = ChartStyle.COLORS.get(family.features().indexOf(features));
        ChartStyle.curve(chart, name, grid, values, color, SeriesLines.SOLID).setLineWidth(1.4f);
    }
}
