package org.whylm.notebook;

import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.display.RenderContext;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.whylm.report.Html;
import org.whylm.report.TableView;
import tech.tablesaw.api.Table;

/** Shows Tablesaw tables as HTML tables in JJava. It needs nothing of this library but the table's look. */
public final class TablesawExtension implements Extension {

    @Override
    public void install(BaseKernel kernel) {
        register(kernel.getRenderer());
    }

    static void register(Renderer renderer) {
        renderer.createRegistration(Table.class)
                .preferring(MIMEType.TEXT_HTML)
                .register((table, context) -> render(TableView.of(table), context));
        renderer.createRegistration(TableView.class)
                .preferring(MIMEType.TEXT_HTML)
                .register(TablesawExtension::render);
    }

    private static void render(TableView view, RenderContext context) {
        context.renderIfRequested(MIMEType.TEXT_HTML, () -> Html.block(view.toHtml()));
        context.renderIfRequested(MIMEType.TEXT_PLAIN, view::toString);
    }
}
