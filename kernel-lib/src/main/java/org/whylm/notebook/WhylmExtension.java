package org.whylm.notebook;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.whylm.features.NextWords;
import org.whylm.report.Figure;
import org.whylm.report.Findings;
import org.whylm.report.Html;
import org.whylm.report.ResultTable;
import org.whylm.run.Progress;
import org.whylm.run.Provenance;
import org.whylm.run.TextProgress;

/**
 * Shows what this library computes: result tables, figures, findings, next words and provenance; and the progress of long
 * cells. With the environment variable {@code WHYLM_HEADLESS} set, nobody watches the notebook: progress then goes to the
 * kernel's own standard error as plain lines, and the executed notebook is the same from run to run.
 */
public final class WhylmExtension implements Extension {

    @Override
    public void install(BaseKernel kernel) {
        register(kernel.getRenderer());
        if (System.getenv("WHYLM_HEADLESS") == null) {
            var display = kernel.getIO().display;
            Progress.showOn(() -> new KernelProgress(display));
        } else {
            var log = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
            Progress.showOn(() -> TextProgress.lines(log));
        }
    }

    static void register(Renderer renderer) {
        asHtml(renderer, ResultTable.class, table -> table.view().toHtml());
        asHtml(renderer, Findings.class, Findings::toHtml);
        asHtml(renderer, NextWords.class, NextWordsHtml::of);
        asHtml(renderer, Provenance.class, WhylmExtension::facts);
        renderer.createRegistration(Figure.class)
                .preferring(MIMEType.IMAGE_SVG, MIMEType.IMAGE_PNG)
                .register((figure, context) -> XChartExtension.render(figure.chart(), context));
    }

    private static <T> void asHtml(Renderer renderer, Class<T> type, Function<T, String> html) {
        renderer.createRegistration(type)
                .preferring(MIMEType.TEXT_HTML)
                .register((value, context) ->
                        context.renderIfRequested(MIMEType.TEXT_HTML, () -> Html.block(html.apply(value))));
    }

    private static String facts(Provenance provenance) {
        var html = new StringBuilder("<table>\n<caption>Provenance</caption>\n<tbody>\n");
        provenance.facts().forEach((name, value) -> html.append("<tr><th scope=\"row\"" + Html.LEFT + ">")
                .append(Html.text(name))
                .append("</th><td" + Html.LEFT + ">")
                .append(Html.text(value))
                .append("</td></tr>\n"));
        return html.append("</tbody>\n</table>\n").toString();
    }
}
