package org.whylm.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.whylm.probe.Accuracy;
import org.whylm.probe.ProbeResult;
import org.whylm.probe.TaskResults;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Accuracies of linear classification as the paper shows them: a row a task, a column a kind of features. */
public final class AccuracyTables {

    private static final Color[] TASK_COLORS = {
        new Color(0x1f5fa8), new Color(0xc4601d), new Color(0x2f7d4f), new Color(0x7b4aa0), new Color(0x9a2f3f),
    };

    private AccuracyTables() {}

    /**
     * The layout of Table 1: test accuracy in percent, rows with the prompt marked {@code *}, the best kind of features of each
     * row marked; what a task lacks is left blank.
     *
     * @param more further columns, such as fine-tuning: from a column's name to the accuracy for a row's name, where measured
     */
    public static ResultTable paperLayout(
            String name, List<TaskResults> tasks, Map<String, Map<String, Accuracy>> more) {
        var rows = rows(tasks);
        var table = Table.create("Test accuracy, %")
                .addColumns(
                        StringColumn.create("task", rows.stream().map(Row::name).toList()));
        var kinds = kinds(tasks);
        for (var kind : kinds) {
            var column = DoubleColumn.create(kind);
            rows.forEach(row -> test(row, kind)
                    .ifPresentOrElse(
                            accuracy -> column.append(rounded(100 * accuracy.value())), column::appendMissing));
            table.addColumns(column);
        }
        more.forEach((kind, accuracies) -> {
            var column = DoubleColumn.create(kind);
            rows.forEach(row -> {
                if (accuracies.containsKey(row.name())) {
                    column.append(rounded(100 * accuracies.get(row.name()).value()));
                } else {
                    column.appendMissing();
                }
            });
            table.addColumns(column);
        });
        var chance = DoubleColumn.create("chance");
        rows.forEach(row -> chance.append(rounded(100 * share(row.task().chance()))));
        table.addColumns(chance);
        var compared = new ArrayList<>(kinds);
        compared.addAll(more.keySet());
        return ResultTable.of(name, table).markLargest(compared.toArray(String[]::new));
    }

    /** Every classifier in a row of its own: dimension, chosen {@code C}, accuracies in percent with a 95% Wilson interval. */
    public static ResultTable details(String name, List<TaskResults> tasks) {
        var results = tasks.stream().flatMap(task -> task.results().stream()).toList();
        var table = Table.create("Linear classification, accuracies in %")
                .addColumns(
                        strings("task", results.stream().map(ProbeResult::task)),
                        strings("prompt", results.stream().map(result -> result.prompted() ? "yes" : "no")),
                        strings("features", results.stream().map(result -> result.features()
                                .label())),
                        strings("scaling", results.stream().map(result -> result.classification()
                                .scaling()
                                .name()
                                .toLowerCase(java.util.Locale.ROOT))),
                        IntColumn.create("dimension", results.stream().mapToInt(ProbeResult::dimension)),
                        DoubleColumn.create("C", results.stream().mapToDouble(result -> result.classification()
                                .C())),
                        percents("training", results, result -> result.classification()
                                .train()
                                .value()),
                        percents("test", results, result -> result.classification()
                                .test()
                                .value()),
                        percents("low", results, result -> result.classification()
                                .test()
                                .low()),
                        percents("high", results, result -> result.classification()
                                .test()
                                .high()));
        return ResultTable.of(name, table);
    }

    /** Test accuracy by kind of features, a pair of colours a task (pale without, strong with the prompt), 95% intervals. */
    public static CategoryChart chart(String title, List<TaskResults> tasks) {
        var chart = new CategoryChartBuilder()
                .width(920)
                .height(440)
                .title(title)
                .yAxisTitle("test accuracy, %")
                .xAxisTitle("features (* with the prompt)")
                .build();
        var kinds = kinds(tasks);
        for (var row : rows(tasks)) {
            var results = kinds.stream().map(kind -> test(row, kind)).toList();
            chart.addSeries(
                            row.name(),
                            kinds,
                            results.stream()
                                    .map(test -> test.map(accuracy -> rounded(100 * accuracy.value()))
                                            .orElse(Double.NaN))
                                    .toList(),
                            results.stream()
                                    .map(test -> test.map(accuracy -> 50 * (accuracy.high() - accuracy.low()))
                                            .orElse(Double.NaN))
                                    .toList())
                    .setFillColor(color(tasks.indexOf(row.task()), row.prompted()));
        }
        var style = chart.getStyler();
        style.setLegendPosition(LegendPosition.OutsideE);
        style.setPlotGridVerticalLinesVisible(false);
        style.setChartBackgroundColor(Color.WHITE);
        style.setErrorBarsColor(Color.DARK_GRAY);
        style.setAvailableSpaceFill(0.85);
        style.setYAxisMin(0.0);
        style.setYAxisMax(100.0);
        return chart;
    }

    private record Row(TaskResults task, boolean prompted) {
        String name() {
            return task.task() + (prompted ? "*" : "");
        }
    }

    private static List<Row> rows(List<TaskResults> tasks) {
        var rows = new ArrayList<Row>();
        for (var task : tasks) {
            rows.add(new Row(task, false));
            if (task.results().stream().anyMatch(ProbeResult::prompted)) {
                rows.add(new Row(task, true));
            }
        }
        return rows;
    }

    private static List<String> kinds(List<TaskResults> tasks) {
        var kinds = new LinkedHashSet<String>();
        tasks.forEach(task ->
                task.results().forEach(result -> kinds.add(result.features().label())));
        return List.copyOf(kinds);
    }

    private static Optional<Accuracy> test(Row row, String kind) {
        return row.task().has(kind, row.prompted())
                ? Optional.of(
                        row.task().result(kind, row.prompted()).classification().test())
                : Optional.empty();
    }

    private static Color color(int task, boolean prompted) {
        var strong = TASK_COLORS[task % TASK_COLORS.length];
        return prompted ? strong : new Color(pale(strong.getRed()), pale(strong.getGreen()), pale(strong.getBlue()));
    }

    private static int pale(int channel) {
        return 255 - (255 - channel) * 45 / 100;
    }

    private static double rounded(double percent) {
        return Math.rint(10 * percent) / 10;
    }

    private static double share(boolean[] correct) {
        int count = 0;
        for (boolean each : correct) {
            count += each ? 1 : 0;
        }
        return (double) count / correct.length;
    }

    private static StringColumn strings(String name, java.util.stream.Stream<String> values) {
        return StringColumn.create(name, values);
    }

    private static DoubleColumn percents(
            String name, List<ProbeResult> results, java.util.function.ToDoubleFunction<ProbeResult> value) {
        return DoubleColumn.create(
                name, results.stream().mapToDouble(result -> rounded(100 * value.applyAsDouble(result))));
    }
}
