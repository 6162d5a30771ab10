package org.whylm.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import org.whylm.statistics.Statistic;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * A table of a row an item, built column by column.
 *
 * <pre>{@code
 * Columns.of(results).text("task", Result::row).interval("test", Result::accuracy).table("accuracies", "Accuracies, %")
 * }</pre>
 *
 * @param <T> what a row is about
 */
public final class Columns<T> {

    private final List<T> rows;
    private final List<Column<?>> columns = new ArrayList<>();

    private Columns(Collection<T> rows) {
        this.rows = List.copyOf(rows);
    }

    public static <T> Columns<T> of(Collection<T> rows) {
        return new Columns<>(rows);
    }

    public Columns<T> text(String name, Function<T, String> value) {
        columns.add(StringColumn.create(name, rows.stream().map(value)));
        return this;
    }

    public Columns<T> whole(String name, ToIntFunction<T> value) {
        columns.add(IntColumn.create(name, rows.stream().mapToInt(value).toArray()));
        return this;
    }

    /** @param decimals digits after the point; NaN leaves a cell blank */
    public Columns<T> number(String name, int decimals, ToDoubleFunction<T> value) {
        columns.add(DoubleColumn.create(
                name, rows.stream().mapToDouble(row -> rounded(value.applyAsDouble(row), decimals))));
        return this;
    }

    /** A share in percent, with one digit after the point. */
    public Columns<T> percent(String name, ToDoubleFunction<T> share) {
        return number(name, 1, row -> 100 * share.applyAsDouble(row));
    }

    /** A share in percent and the ends of its 95% interval: three columns, {@code name}, {@code low} and {@code high}. */
    public Columns<T> interval(String name, Function<T, Statistic> share) {
        return three(List.of(name, "low", "high"), 1, 100, share);
    }

    /** The same under names of their own; blank where there is none. */
    public Columns<T> interval(String name, String low, String high, Function<T, Optional<Statistic>> share) {
        return three(List.of(name, low, high), 1, 100, row -> share.apply(row).orElse(null));
    }

    /**
     * A number and the ends of its 95% interval: three columns, {@code name}, {@code low} and {@code high}.
     *
     * @param value null leaves the cells blank
     */
    public Columns<T> statistic(String name, int decimals, Function<T, Statistic> value) {
        return three(List.of(name, "low", "high"), decimals, 1, value);
    }

    /** The same where a table has several: columns {@code name}, {@code name, low} and {@code name, high}. */
    Columns<T> named(String name, int decimals, Function<T, Statistic> value) {
        return three(List.of(name, name + ", low", name + ", high"), decimals, 1, value);
    }

    private Columns<T> three(List<String> names, int decimals, int scale, Function<T, Statistic> value) {
        var statistics =
                rows.stream().map(row -> Optional.ofNullable(value.apply(row))).toList();
        var parts = List.<ToDoubleFunction<Statistic>>of(Statistic::value, Statistic::low, Statistic::high);
        for (int i = 0; i < parts.size(); i++) {
            var part = parts.get(i);
            var next = Columns.of(statistics).number(names.get(i), decimals, statistic -> statistic
                    .map(it -> scale * part.applyAsDouble(it))
                    .orElse(Double.NaN));
            columns.addAll(next.columns);
        }
        return this;
    }

    /**
     * The table.
     *
     * @param name of its file: lower-case letters, digits and hyphens
     */
    public ResultTable table(String name, String title) {
        return ResultTable.of(name, Table.create(title, columns.toArray(Column<?>[]::new)));
    }

    private static double rounded(double value, int decimals) {
        double scale = Math.pow(10, decimals);
        return Math.rint(value * scale) / scale + 0.0; // -0 becomes 0
    }
}
