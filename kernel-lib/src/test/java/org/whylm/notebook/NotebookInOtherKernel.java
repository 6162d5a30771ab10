package org.whylm.notebook;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.knowm.xchart.XYChartBuilder;
import org.whylm.data.DatasetCatalog;
import org.whylm.features.FeatureExtractor;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.ModelCatalog;
import org.whylm.run.Profile;
import org.whylm.run.Progress;
import tech.tablesaw.api.Table;

/** What {@link OtherKernelIT} runs in class loaders of its own: what the notebooks' cells do, in little. */
final class NotebookInOtherKernel implements Callable<Map<String, String>> {

    private static final Path FIXTURES = Path.of("src", "test", "resources", "fixtures");
    private static final String KERNEL = "io.github.spencerpark.jupyter.kernel";

    NotebookInOtherKernel() {}

    @Override
    public Map<String, String> call() throws Exception {
        var seen = new LinkedHashMap<String, String>();
        var renderer =
                Class.forName(KERNEL + ".display.Renderer").getConstructor().newInstance();
        var stream = Class.forName(KERNEL + ".DisplayStream").getConstructor().newInstance();
        ShownValues.register(renderer, stream);

        // Gson, of the catalogs and profiles and inside DJL.
        seen.put("profile", Profile.current().name());
        seen.put("tasks", String.valueOf(DatasetCatalog.load().tasks()));
        seen.put("models", String.valueOf(ModelCatalog.load().names()));
        for (var name : List.of("tiny-gpt2", "tiny-llama-gguf/q8_0.gguf")) {
            try (var model = LanguageModels.load(FIXTURES.resolve(name).toString())) {
                var features = new FeatureExtractor(model).features(List.of("a good film", "a bad film"), " It is");
                var p = new double[1];
                features.forEachWords(words -> {
                    for (var value : words.probabilities()) {
                        p[0] += value / 2; // of two texts
                    }
                });
                seen.put(name, features.f()[0].length + " " + Math.round(1e4 * p[0]) / 1e4);
                seen.put("matrix", shown(renderer, features.f(), "text/html"));
            }
        }
        // Tablesaw reads with commons, Guava and univocity; XChart draws.
        var table = Table.read().csv("a,b\n1,x\n2,y\n3,z\n", "t");
        seen.put("rows of a table that was read", table.intColumn("a").asList().toString());
        seen.put("table", shown(renderer, table, "text/html"));
        var chart = new XYChartBuilder().width(200).height(100).build();
        chart.addSeries("s", new double[] {1, 2}, new double[] {1, 2});
        seen.put("chart", shown(renderer, chart, "image/svg+xml"));
        seen.put("pixels", shown(renderer, chart, "image/png"));
        seen.put("settings", shown(renderer, new Setting(3, List.of("a", "b")), "text/html"));
        try (var progress = Progress.start("work", 2, "steps")) {
            progress.advance(2);
        }
        return seen;
    }

    private record Setting(int steps, List<String> names) {}

    private static String shown(Object renderer, Object value, String mediaType) throws ReflectiveOperationException {
        var type = Class.forName(KERNEL + ".display.mime.MIMEType");
        var data = renderer.getClass().getMethod("render", Object.class).invoke(renderer, value);
        return (String) data.getClass()
                .getMethod("getData", type)
                .invoke(data, type.getMethod("parse", String.class).invoke(null, mediaType));
    }
}
