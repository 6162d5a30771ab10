package org.whylm.notebook;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.knowm.xchart.internal.chartpart.Chart;
import org.whylm.features.NextWords;
import org.whylm.report.Claims;
import org.whylm.report.Figure;
import org.whylm.report.Html;
import org.whylm.report.ResultTable;
import org.whylm.report.TableView;
import org.whylm.run.Described;
import org.whylm.run.Progress;
import org.whylm.run.TextProgress;
import tech.tablesaw.api.Table;

/**
 * What a kernel shows richly: tables of Tablesaw and charts of XChart; result tables, figures, findings, next words, models, data
 * sets, settings, vectors and matrices; and the progress of long cells. With the environment variable {@code WHYLM_HEADLESS}
 * set, nobody watches the notebook: progress then goes to the kernel's own standard error as plain lines, and the executed
 * notebook is the same from run to run.
 */
final class ShownValues {

    private ShownValues() {}

    /**
     * @param renderer a kernel's {@code Renderer}
     * @param displayStream its {@code DisplayStream}
     */
    static void register(Object renderer, Object displayStream) {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // the same digits in every country, in cells too
        var output = new RichOutput(renderer);
        asHtml(output, Table.class, table -> TableView.of(table).toHtml(), table -> TableView.of(table)
                .toString());
        asHtml(output, TableView.class, TableView::toHtml, TableView::toString);
        asHtml(output, ResultTable.class, table -> table.view().toHtml(), ResultTable::toString);
        asHtml(output, Claims.class, Claims::toHtml, Claims::toString);
        asHtml(output, NextWords.class, NextWordsHtml::of, NextWords::toString);
        for (var type : new Class<?>[] {
            Described.class, Record.class, double[].class, float[].class, double[][].class, float[][].class
        }) {
            asHtml(output, type, value -> Facts.of(value).toHtml(), value -> Facts.of(value)
                    .toString());
        }
        asImage(output, Chart.class, chart -> chart);
        asImage(output, Figure.class, Figure::chart);
        showProgress(displayStream);
        ParentWatch.start();
    }

    private static <T> void asHtml(
            RichOutput output, Class<T> type, Function<T, String> html, Function<T, String> text) {
        output.register(type, Map.of(RichOutput.HTML, value -> Html.block(html.apply(value)), RichOutput.TEXT, text));
    }

    private static <T> void asImage(RichOutput output, Class<T> type, Function<T, Chart<?, ?>> chart) {
        output.register(
                type,
                Map.of(
                        RichOutput.SVG, value -> Figure.svg(chart.apply(value)),
                        RichOutput.PNG, value -> Base64.getEncoder().encodeToString(Figure.png(chart.apply(value))),
                        RichOutput.TEXT, value -> "Chart: " + chart.apply(value).getTitle()));
    }

    private static void showProgress(Object displayStream) {
        if (System.getenv("WHYLM_HEADLESS") == null) {
            Progress.showOn(KernelProgress.on(displayStream));
        } else {
            var log = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
            Progress.showOn(() -> TextProgress.lines(log));
        }
    }
}
